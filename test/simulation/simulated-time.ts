import type { Sleep } from '../../embedded/loop/sleep.ts';
import type { Clock } from '../../lambdas/core/time.ts';

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

/**
 * Time of a simulated world. The clock on the wall may be set, forwards and backwards; what really elapses
 * only grows, and is what sleepers, queues and caches go by.
 */
export class SimulatedTime {
  #wall = Date.parse('2026-01-01T00:00:00.000Z');
  #elapsed = 0;
  #sleepers: Sleeper[] = [];

  readonly now: Clock = () => new Date(this.#wall);

  /** Milliseconds since the world began. */
  get elapsed(): number {
    return this.#elapsed;
  }

  readonly sleep: Sleep = (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const sleeper = { due: this.#elapsed + milliseconds, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', () => this.#wake(sleeper), { once: true });
    });

  /** When somebody wants to be woken next. */
  get nextWaking(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#sleepers.map(({ due }) => due));
  }

  /** Lets time pass until then, and wakes whoever is due. */
  passUntil(elapsed: number): void {
    const step = Math.max(0, elapsed - this.#elapsed);
    this.#elapsed += step;
    this.#wall += step;
    for (const sleeper of this.#sleepers.filter(({ due }) => due <= this.#elapsed)) this.#wake(sleeper);
  }

  /** Somebody sets the clock. */
  jump(seconds: number): void {
    this.#wall += seconds * 1000;
  }

  #wake(sleeper: Sleeper): void {
    this.#sleepers = this.#sleepers.filter((each) => each !== sleeper);
    sleeper.wake();
  }
}
