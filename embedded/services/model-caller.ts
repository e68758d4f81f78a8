import { Agent, request } from 'node:http';
import type { AttemptLog } from './attempt-log.ts';
import type { ReadVersion } from './workload-client.ts';

interface ModelKey {
  readonly apiKey: string;
  readonly keyId: string;
}

/** A service's way to the model provider. Every call is counted, with the port that it came from. */
export class ModelCaller {
  readonly #log: AttemptLog;
  readonly #apiUrl: string;
  #key: ModelKey | undefined;

  constructor(log: AttemptLog, apiUrl: string) {
    this.#log = log;
    this.#apiUrl = apiUrl;
  }

  /** Takes a new key into use, after one call with it has worked. */
  async takeIntoUse({ value }: ReadVersion): Promise<void> {
    const key = JSON.parse(value.reveal()) as ModelKey;
    if (!(await this.#ask(key))) throw new Error('the new key does not work yet');
    this.#key = key;
  }

  /** One call with the key in use. */
  async call(): Promise<void> {
    if (this.#key) await this.#ask(this.#key);
  }

  /** A connection for each call, so that the double's log can be matched by port. */
  #ask({ apiKey, keyId }: ModelKey): Promise<boolean> {
    const body = JSON.stringify({
      model: 'gpt-double',
      messages: [{ role: 'user', content: 'What is new?' }],
    });
    const ended = this.#log.begin('call');
    return new Promise((resolve) => {
      const call = request(`${this.#apiUrl}/chat/completions`, {
        method: 'POST',
        agent: new Agent({ keepAlive: false }),
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
        timeout: 5000,
      });
      let localPort: number | undefined;
      call.on('socket', (socket) => socket.once('connect', () => (localPort = socket.localPort)));
      let isNoted = false;
      const note = (outcome: 'served' | 'failed', code?: string): void => {
        if (isNoted) return;
        isNoted = true;
        const from = localPort === undefined ? {} : { localPort };
        ended({ key: keyId, ...from, outcome, ...(code === undefined ? {} : { code }) });
        resolve(outcome === 'served');
      };
      call.on('timeout', () => call.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
      call.on('error', (error) =>
        note('failed', 'code' in error && typeof error.code === 'string' ? error.code : 'unknown'),
      );
      call.on('response', (response) => {
        response.resume();
        response.on('end', () =>
          response.statusCode === 200 ? note('served') : note('failed', String(response.statusCode)),
        );
        // An answer that breaks off ends without an `end`, and without an error where nobody listens for one.
        response.on('close', () => note('failed', 'cut short'));
      });
      call.end(body);
    });
  }
}
