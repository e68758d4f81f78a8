import type { Sleep } from '../../embedded/loop/sleep.ts';
import type { Clock } from '../../lambdas/core/time.ts';

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

/** Time that a test owns. Nothing passes but what `advance` lets pass. */
export class FakeClock {
  #now: number;
  /** Time that really passes, which a jump of the clock does not change: what sleepers wait for. */
  #elapsed = 0;
  readonly #sleepers = new Set<Sleeper>();

  constructor(start = '2026-01-01T00:00:00.000Z') {
    this.#now = Date.parse(start);
  }

  /** The injected clock. */
  readonly now: Clock = () => new Date(this.#now);

  /** Milliseconds that have really passed. */
  readonly elapsed = (): number => this.#elapsed;

  /** The injected sleep: ends when enough time has been let pass, or when the signal says so. */
  readonly sleep: Sleep = (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const sleeper: Sleeper = { due: this.#elapsed + milliseconds, wake: () => end() };
      const end = (): void => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', end, { once: true });
    });

  /** Lets time pass, waking sleepers in the order in which they are due and letting each do its work. */
  async advance(seconds: number): Promise<void> {
    await quiet();
    const end = this.#elapsed + seconds * 1000;
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#pass(Math.max(0, next.due - this.#elapsed));
      next.wake();
      await quiet();
    }
    this.#pass(end - this.#elapsed);
    await quiet();
  }

  /** The clock is set, forwards or backwards, and no time passes: nobody who sleeps notices. */
  jump(seconds: number): void {
    this.#now += seconds * 1000;
  }

  #pass(milliseconds: number): void {
    this.#now += milliseconds;
    this.#elapsed += milliseconds;
  }

  #next(end: number): Sleeper | undefined {
    const due = [...this.#sleepers].filter((sleeper) => sleeper.due <= end);
    return due.sort((a, b) => a.due - b.due)[0];
  }
}

/** Lets everything that only waits for other promises come to rest. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
