import type { LockstepEvent } from '../../lambdas/core/events.ts';
import type { Timer } from '../../lambdas/core/ports/timer.ts';
import { reached, type Clock, type Instant } from '../../lambdas/core/time.ts';
import { Judge, stored } from './judge.ts';

interface Scheduled {
  readonly at: Instant;
  readonly event: LockstepEvent;
}

/** `Timer` in memory; fires when it is told to. Judges: an instant that is none, a secret in an event. */
export class MemoryTimer implements Timer {
  readonly judge: Judge;
  readonly #clock: Clock;
  readonly #publish: (events: readonly LockstepEvent[]) => Promise<void>;
  readonly #timers = new Map<string, Scheduled>();

  constructor(
    clock: Clock,
    publish: (events: readonly LockstepEvent[]) => Promise<void>,
    judge: Judge = new Judge(),
  ) {
    this.#clock = clock;
    this.#publish = publish;
    this.judge = judge;
  }

  async schedule(id: string, at: Instant, event: LockstepEvent): Promise<void> {
    this.judge.demand(!Number.isNaN(Date.parse(at)), `timer ${id} is set to ${at}, which is no instant`);
    this.judge.inspect(`timer ${id}`, event);
    this.#timers.set(id, { at, event: stored(event) });
  }

  async cancel(id: string): Promise<void> {
    this.#timers.delete(id);
  }

  /** What is scheduled, by id. */
  get scheduled(): ReadonlyMap<string, Scheduled> {
    return this.#timers;
  }

  /** The earliest time that anything is scheduled for: where a test may jump to. */
  get nextAt(): Instant | undefined {
    return [...this.#timers.values()].map(({ at }) => at).sort((a, b) => Date.parse(a) - Date.parse(b))[0];
  }

  /** Publishes what is due and answers how much that was. */
  async fireDue(): Promise<number> {
    const due = [...this.#timers].filter(([, { at }]) => reached(at, this.#clock()));
    for (const [id, scheduled] of due) {
      await this.#publish([scheduled.event]);
      // Published first: a crash in between fires it again. Replaced meanwhile: the new one stays.
      if (this.#timers.get(id) === scheduled) this.#timers.delete(id);
    }
    return due.length;
  }
}
