import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A network before a real target that knows which messages change something there. */
export interface KillingProxy {
  readonly port: number;
  /** How many effects have passed since it was told to count. */
  readonly effects: readonly string[];
  /**
   * Counts from now on. The target carries the n-th effect out; its answer reaches nobody, because whoever waits for
   * it is killed at that moment.
   */
  killAt(effect: number, kill: () => void): void;
  close(): Promise<void>;
}

/** @param effectIn what a message to the target changes there; `undefined` where nothing */
export async function killingProxy(
  targetPort: number,
  effectIn: (message: Buffer) => string | undefined,
): Promise<KillingProxy> {
  const open = new Set<Socket>();
  const effects: string[] = [];
  let plan: { readonly at: number; readonly kill: () => void } | undefined;
  const proxy = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1');
    let isFatal = false;
    const end = (): void => {
      client.destroy();
      target.destroy();
    };
    for (const socket of [client, target]) {
      open.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        open.delete(socket);
        end();
      });
    }
    client.on('data', (message) => {
      const effect = effectIn(message);
      if (effect !== undefined) {
        effects.push(effect);
        isFatal = plan?.at === effects.length;
      }
      target.write(message);
    });
    target.on('data', (answer) => {
      if (!isFatal) return void client.write(answer);
      plan?.kill();
      plan = undefined;
      end();
    });
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    port: (proxy.address() as AddressInfo).port,
    effects,
    killAt: (at, kill) => {
      effects.length = 0;
      plan = { at, kill };
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}

/** Statements that change a role, end sessions, or make a change durable: the one word ends with a zero on the wire. */
export const sqlEffect = (message: Buffer): string | undefined =>
  /ALTER ROLE|COMMIT(?=\0)|pg_terminate_backend/.exec(message.toString('latin1'))?.[0];

/** Requests that make, change or end something, or tell somebody. */
export const httpEffect = (message: Buffer): string | undefined =>
  /^(?:POST|DELETE|PUT|PATCH) \S+/.exec(message.toString('latin1'))?.[0];
