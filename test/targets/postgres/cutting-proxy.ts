import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

/** A network that loses one message. */
export interface CuttingProxy {
  readonly port: number;
  /**
   * Cuts the connection at the next statement with this text: before it reaches the server, or after the
   * server has carried it out and answered.
   */
  cut(text: string, when: 'before' | 'after'): void;
  /** Whether that has happened. */
  hasCut(): boolean;
  /**
   * Keeps the next statement with this text back, as a process that stands still does; the promise is there once it is
   * being kept back, and gives what lets it go on.
   */
  hold(text: string): Promise<() => void>;
  close(): Promise<void>;
}

/** A proxy on loopback before a real server. */
export async function cuttingProxy(serverPort: number): Promise<CuttingProxy> {
  let plan: { readonly text: string; readonly when: 'before' | 'after' } | undefined;
  let holding: { readonly text: string; readonly held: (letGo: () => void) => void } | undefined;
  const open = new Set<Socket>();
  const proxy = createServer((client) => {
    const server = connect(serverPort, '127.0.0.1');
    let loseAnswer = false;
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      open.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        open.delete(socket);
        end();
      });
    }
    client.on('data', (bytes) => {
      const meant = plan !== undefined && bytes.includes(plan.text);
      if (meant && plan?.when === 'before') {
        plan = undefined;
        end();
        return;
      }
      if (meant) {
        plan = undefined;
        loseAnswer = true;
      }
      if (holding !== undefined && bytes.includes(holding.text)) {
        const { held } = holding;
        holding = undefined;
        held(() => server.write(bytes));
        return;
      }
      server.write(bytes);
    });
    server.on('data', (bytes) => {
      if (loseAnswer) end();
      else client.write(bytes);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    port: (proxy.address() as AddressInfo).port,
    cut: (text, when) => {
      plan = { text, when };
    },
    hasCut: () => plan === undefined,
    hold: (text) => new Promise((held) => (holding = { text, held })),
    close: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => proxy.close(() => resolve()));
    },
  };
}
