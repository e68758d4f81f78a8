import { describe, expect, it } from 'vitest';
import type { LockstepEvent } from '../../lambdas/core/events.ts';
import type { Timer } from '../../lambdas/core/ports/timer.ts';
import { secondsAfter, type Clock } from '../../lambdas/core/time.ts';
import { anAdvance } from '../fakes/an-event.ts';
import { eachTime, type UnderTest } from './under-test.ts';

/** A timer with nothing scheduled. */
export interface TimerUnderTest extends UnderTest {
  readonly timer: Timer;
  readonly clock: Clock;
  /** Every event that was published, in order, repeats included. */
  readonly fired: readonly LockstepEvent[];
  /** Lets time pass, and whatever comes due in it be published. */
  readonly pass: (seconds: number) => Promise<void>;
  /** How late this timer may be, in seconds. */
  readonly lateness: number;
}

/** The contract of `Timer`: at least once, never early, possibly late. */
export function describeTimerContract(name: string, make: () => Promise<TimerUnderTest>): void {
  describe(`${name} keeps the contract of a timer`, () => {
    const subject = eachTime(make);
    const ids = (): ReadonlySet<string> => new Set(subject().fired.map(({ id }) => id));
    const at = (seconds: number): string => secondsAfter(subject().clock().toISOString(), seconds);

    it('publishes the event, as it is, when its time has come and not before', async () => {
      const { timer, pass, fired, lateness } = subject();
      await timer.schedule('a', at(300), anAdvance(1));
      await pass(299);
      expect(fired).toEqual([]);
      await pass(1 + lateness);
      expect(fired[0]).toEqual(anAdvance(1));
    });

    it('publishes at once what is past already', async () => {
      const { timer, pass, lateness } = subject();
      await timer.schedule('a', at(-3600), anAdvance(1));
      await pass(1 + lateness);
      expect(ids()).toEqual(new Set(['event-1']));
    });

    it('replaces what was scheduled under the same id, later or earlier', async () => {
      const { timer, pass, lateness } = subject();
      await timer.schedule('later', at(60), anAdvance(1));
      await timer.schedule('later', at(6000), anAdvance(2));
      await timer.schedule('earlier', at(6000), anAdvance(3));
      await timer.schedule('earlier', at(60), anAdvance(4));
      await pass(60 + lateness);
      expect(ids()).toEqual(new Set(['event-4']));
      await pass(5940 + lateness);
      expect(ids()).toEqual(new Set(['event-4', 'event-2']));
    });

    it('takes the same id again after it has fired', async () => {
      const { timer, pass, lateness } = subject();
      await timer.schedule('a', at(60), anAdvance(1));
      await pass(60 + lateness);
      await timer.schedule('a', at(60), anAdvance(2));
      await pass(60 + lateness);
      expect(ids()).toEqual(new Set(['event-1', 'event-2']));
    });

    it('publishes nothing that was cancelled, and cancels what is not there', async () => {
      const { timer, pass, lateness } = subject();
      await timer.schedule('a', at(60), anAdvance(1));
      await timer.schedule('b', at(60), anAdvance(2));
      await timer.cancel('a');
      await timer.cancel('a');
      await timer.cancel('never');
      await pass(60 + lateness);
      expect(ids()).toEqual(new Set(['event-2']));
    });
  });
}
