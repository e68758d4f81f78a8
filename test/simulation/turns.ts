import { AsyncLocalStorage } from 'node:async_hooks';
import { ProcessDied } from '../fakes/faulty.ts';

/** Lets everything run that waits for nothing but promises. */
export const microtasks = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** One invocation of one function: what may not live longer than a lock. */
interface Invocation {
  readonly endsAt: number;
}

/**
 * Decides who goes on next. Each call of a simulated process to the outside waits for its turn before its
 * effect and again before its answer, so that any two invocations may overtake each other at any call, in
 * an order that follows from the seed. Without a random source nobody waits: the calls run in order.
 */
export class Turns {
  readonly #random: (() => number) | undefined;
  readonly #invocations = new AsyncLocalStorage<Invocation>();
  #waiting: (() => void)[] = [];

  constructor(random?: () => number) {
    this.#random = random;
  }

  /** Whether calls are interleaved at all. */
  get isInterleaved(): boolean {
    return this.#random !== undefined;
  }

  async take(): Promise<void> {
    if (this.#random) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Lets one of those that wait go on; `false` where nobody waits. */
  next(): boolean {
    const at = Math.floor((this.#random?.() ?? 0) * this.#waiting.length);
    const [chosen] = this.#waiting.splice(at, 1);
    chosen?.();
    return chosen !== undefined;
  }

  /** Runs an invocation that is over, one way or the other, at `endsAt`. */
  invoke<T>(endsAt: number, work: () => Promise<T>): Promise<T> {
    return this.#random ? this.#invocations.run({ endsAt }, work) : work();
  }

  /** How long the invocation that asks may still stand still; it dies where its time is up. */
  leftToLive(now: number): number {
    const left = (this.#invocations.getStore()?.endsAt ?? Number.POSITIVE_INFINITY) - now;
    if (left <= 0) throw new ProcessDied('the invocation ran out of time');
    return left;
  }
}
