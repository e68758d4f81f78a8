import type { Sleep } from './sleep.ts';

/** What a loop does and how it waits. */
export interface WorkerLoopOptions {
  /** One round. Answers how many milliseconds may pass until the next one; 0 for at once. */
  readonly work: () => Promise<number>;
  readonly sleep: Sleep;
  /** Never waits longer: the clock may have jumped, or another process may have written. */
  readonly longestWaitMs: number;
  /** A round failed. The next one comes after the longest wait, whatever the reason. */
  readonly onError: (error: unknown) => void;
}

/** Works in rounds, one at a time, until it is stopped. */
export class WorkerLoop {
  readonly #options: WorkerLoopOptions;
  #waiting = new AbortController();
  #awake = false;
  #stopped = false;
  #running: Promise<void> | undefined;

  constructor(options: WorkerLoopOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** There is something to do: the next round comes at once. */
  wake(): void {
    this.#awake = true;
    this.#waiting.abort();
  }

  /** Ends after the round that is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      this.#awake = false;
      const wait = await this.#round();
      if (this.#stopped) return;
      // Woken during the round: it may have looked too early.
      if (this.#awake || wait <= 0) continue;
      this.#waiting = new AbortController();
      await this.#options.sleep(wait, this.#waiting.signal);
    }
  }

  async #round(): Promise<number> {
    const { work, longestWaitMs, onError } = this.#options;
    try {
      return Math.min(await work(), longestWaitMs);
    } catch (error) {
      onError(error);
      return longestWaitMs;
    }
  }
}
