import { setTimeout as sleep } from 'node:timers/promises';

/** Works over and over until it is closed; what fails is counted where it was tried. */
export class Rounds {
  readonly #running: Promise<void>[] = [];
  readonly #ending = new AbortController();

  every(milliseconds: number, work: () => Promise<unknown>): void {
    this.#running.push(
      (async () => {
        while (!this.#ending.signal.aborted) {
          await work().catch(() => undefined);
          await sleep(milliseconds, undefined, { signal: this.#ending.signal }).catch(() => undefined);
        }
      })(),
    );
  }

  async end(): Promise<void> {
    this.#ending.abort();
    await Promise.all(this.#running);
  }
}
