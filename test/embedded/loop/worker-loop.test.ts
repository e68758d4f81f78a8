import { describe, expect, it } from 'vitest';
import { realSleep } from '../../../embedded/loop/sleep.ts';
import { WorkerLoop } from '../../../embedded/loop/worker-loop.ts';
import { FakeClock, quiet } from '../../fakes/fake-clock.ts';

/** A loop that counts its rounds. */
function aLoop(work: (round: number) => number | Promise<number>) {
  const clock = new FakeClock();
  const errors: unknown[] = [];
  const state = { rounds: 0 };
  const loop = new WorkerLoop({
    work: async () => {
      state.rounds += 1;
      return work(state.rounds);
    },
    sleep: clock.sleep,
    longestWaitMs: 1000,
    onError: (error) => errors.push(error),
  });
  return { loop, clock, errors, state };
}

describe('a loop of work', () => {
  it('waits as long as a round says, and never longer than the longest wait', async () => {
    const { loop, clock, state } = aLoop((round) => (round === 1 ? 300 : 60_000));
    loop.start();
    loop.start();
    await clock.advance(0.299);
    expect(state.rounds).toBe(1);
    await clock.advance(0.001);
    expect(state.rounds).toBe(2);
    await clock.advance(0.999);
    expect(state.rounds).toBe(2);
    await clock.advance(0.001);
    expect(state.rounds).toBe(3);
    await loop.stop();
  });

  it('is woken at once, also by what comes during a round', async () => {
    let wake = (): void => undefined;
    const { loop, state } = aLoop(async (round) => {
      if (round === 2) wake();
      return 1000;
    });
    wake = () => loop.wake();
    loop.start();
    await quiet();
    expect(state.rounds).toBe(1);
    loop.wake();
    await quiet();
    expect(state.rounds).toBe(3);
    await loop.stop();
  });

  it('goes on after a round that failed, and not in a hurry', async () => {
    const { loop, clock, errors, state } = aLoop((round) => {
      if (round < 3) throw new Error('not now');
      return 1000;
    });
    loop.start();
    await quiet();
    expect([state.rounds, errors.length]).toEqual([1, 1]);
    await clock.advance(2);
    expect([state.rounds, errors.length]).toEqual([3, 2]);
    await loop.stop();
  });

  it('lets the round under way end when it is stopped, and begins no other', async () => {
    const { loop, clock, state } = aLoop(() => clock.sleep(5000).then(() => 0));
    loop.start();
    await quiet();
    let isStopped = false;
    const stopped = loop.stop().then(() => (isStopped = true));
    await quiet();
    expect(isStopped).toBe(false);
    await clock.advance(60);
    await stopped;
    expect(state.rounds).toBe(1);
  });

  it('stops although it was never started', async () => {
    const { loop, state } = aLoop(() => 0);
    await loop.stop();
    expect(state.rounds).toBe(0);
  });
});

describe('real sleep', () => {
  it('ends when it is told to, without an error, and before its time', async () => {
    const controller = new AbortController();
    const asleep = realSleep(60_000, controller.signal).then(() => 'awake');
    controller.abort();
    expect(await asleep).toBe('awake');
    expect(await realSleep(60_000, controller.signal).then(() => 'awake')).toBe('awake');
    expect(await realSleep(1).then(() => 'awake')).toBe('awake');
  });
});
