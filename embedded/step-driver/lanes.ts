/**
 * Runs work in the background: one piece at a time per queue, and none twice under one name.
 * `limited` bounds what happens at once over all queues.
 */
export class Lanes {
  readonly #limit: number;
  readonly #running = new Map<string, Promise<void>>();
  readonly #tails = new Map<string, Promise<void>>();
  readonly #locks = new Map<string, Promise<void>>();
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether work of that name is running or waits to. */
  has(name: string): boolean {
    return this.#running.has(name);
  }

  /** Takes work on. It must not throw. */
  run(name: string, queue: string, work: () => Promise<void>): void {
    const before = this.#tails.get(queue) ?? Promise.resolve();
    const done = before.then(work).finally(() => {
      this.#running.delete(name);
      if (this.#tails.get(queue) === done) this.#tails.delete(queue);
    });
    this.#running.set(name, done);
    this.#tails.set(queue, done);
  }

  /** Runs `work` when no other exclusive work of that queue is under way. */
  async exclusive<T>(queue: string, work: () => Promise<T>): Promise<T> {
    const before = this.#locks.get(queue) ?? Promise.resolve();
    const result = before.then(work);
    const settled = result.then(
      () => undefined,
      () => undefined,
    );
    this.#locks.set(queue, settled);
    try {
      return await result;
    } finally {
      if (this.#locks.get(queue) === settled) this.#locks.delete(queue);
    }
  }

  /** Runs `work` when fewer than the limit are under way, in the order of asking. */
  async limited<T>(work: () => Promise<T>): Promise<T> {
    if (this.#busy < this.#limit) this.#busy += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      // The place is handed over, not given back: nobody who comes between takes it.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#busy -= 1;
    }
  }

  /** Resolves when nothing runs or waits any more. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }
}
