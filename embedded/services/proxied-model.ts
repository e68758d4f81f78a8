import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream/promises';
import type { BeginAttempt, Outcome } from './attempt-log.ts';
import { refusalOf, requestThrough, type ProxyDoor } from './proxy-door.ts';

/** What became of a call. */
export type Called = 'served' | 'failed' | 'no lease';

const TIMEOUT_MS = 15_000;

const QUESTION = JSON.stringify({
  model: 'gpt-double',
  messages: [{ role: 'user', content: 'What is known of this?' }],
});

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
  async call(): Promise<Called> {
    const ended = this.#log.begin('call');
    const outcome = await this.#outcome(randomUUID());
    // Refused before anything was sent: no attempt at the provider. Whoever asks for leases counts it.
    if (outcome === 'no lease') return outcome;
    ended(outcome);
    return outcome.outcome;
  }

  async #outcome(id: string): Promise<Outcome | 'no lease'> {
    let response: IncomingMessage;
    try {
      response = await this.#answer(id);
    } catch (error) {
      return { outcome: 'failed', code: codeOf(error) };
    }
    response.resume();
    const isWhole = await finished(response).then(
      () => true,
      () => false,
    );
    if (!isWhole) return { id, outcome: 'failed', code: 'cut short' };
    const refusal = refusalOf(response);
    if (refusal === 'LEASE_OVER') return 'no lease';
    if (refusal !== undefined) return { outcome: 'failed', code: refusal };
    if (response.statusCode === 200) return { id, outcome: 'served' };
    return { id, outcome: 'failed', code: String(response.statusCode) };
  }

  async #answer(id: string): Promise<IncomingMessage> {
    const call = await requestThrough(this.#door, this.#completions, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-client-request-id': id },
      timeoutMs: TIMEOUT_MS,
    });
    call.on('timeout', () => call.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
    call.end(QUESTION);
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    // Whatever happens to the connection later ends the answer, which is where it is seen.
    call.on('error', () => undefined);
    return response;
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
