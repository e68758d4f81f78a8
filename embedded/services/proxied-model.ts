import { randomUUID } from 'node:crypto';
import { Agent, request, type IncomingMessage } from 'node:http';
import { PROXY_HEADER } from '../../client/proxy/refusal.ts';
import type { BeginAttempt } from './attempt-log.ts';

/** What an agent is given of a proxy: where it is, and what to show there. No key of anything. */
export interface ProxyDoor {
  readonly port: number;
  /** The login of the pass, `<name>:<secret>`. */
  readonly login: string;
}

/** What became of a call. */
export type Called = 'served' | 'failed' | 'no lease';

/**
 * A way to the model provider through an egress proxy, which puts the key in. Every call is counted, by an id that the
 * provider keeps: the connection that it sees is the proxy's.
 */
export class ProxiedModel {
  readonly #log: { readonly begin: BeginAttempt };
  readonly #completions: URL;
  readonly #door: ProxyDoor;

  /** `apiUrl` as the lease's rules name it. */
  constructor(log: { readonly begin: BeginAttempt }, apiUrl: URL, door: ProxyDoor) {
    this.#log = log;
    this.#completions = new URL(`${apiUrl.pathname.replace(/\/$/, '')}/chat/completions`, apiUrl);
    this.#door = door;
  }

  /** One call. */
  call(): Promise<Called> {
    const body = JSON.stringify({
      model: 'gpt-double',
      messages: [{ role: 'user', content: 'What is known of this?' }],
    });
    const id = randomUUID();
    const ended = this.#log.begin('call');
    return new Promise((resolve) => {
      let isNoted = false;
      const note = (called: Called, found: { readonly id?: string; readonly code?: string } = {}): void => {
        if (isNoted) return;
        isNoted = true;
        // Refused before anything was sent: no attempt at the provider. Whoever asks for leases counts it.
        if (called !== 'no lease') ended({ ...found, outcome: called });
        resolve(called);
      };
      const call = this.#request(id);
      call.on('timeout', () => call.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
      call.on('error', (error) =>
        note('failed', { code: 'code' in error && typeof error.code === 'string' ? error.code : 'unknown' }),
      );
      call.on('response', (response) => {
        const code = refusalOf(response);
        response.resume();
        response.on('end', () => {
          if (response.statusCode === 200) note('served', { id });
          else if (code === undefined) note('failed', { id, code: String(response.statusCode) });
          else note(code === 'LEASE_OVER' ? 'no lease' : 'failed', { code });
        });
        // An answer that breaks off ends without an `end`, and without an error where nobody listens for one.
        response.on('close', () => note('failed', { id, code: 'cut short' }));
      });
      call.end(body);
    });
  }

  #request(id: string) {
    return request({
      host: '127.0.0.1',
      port: this.#door.port,
      method: 'POST',
      path: this.#completions.href,
      agent: new Agent({ keepAlive: false }),
      headers: {
        host: this.#completions.host,
        'proxy-authorization': `Basic ${Buffer.from(this.#door.login).toString('base64')}`,
        'content-type': 'application/json',
        'x-client-request-id': id,
      },
      timeout: 15_000,
    });
  }
}

/** The code of a refusal of the proxy's own; `undefined` for an answer of the provider. */
function refusalOf({ headers }: IncomingMessage): string | undefined {
  const code = headers[PROXY_HEADER];
  return typeof code === 'string' ? code : undefined;
}
