import { SqliteTimer } from '../../embedded/timer/sqlite-timer.ts';
import type { LockstepEvent } from '../../lambdas/core/events.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { MemoryTimer } from '../fakes/memory-timer.ts';
import { tempFolder } from '../fakes/temp-folder.ts';
import { describeTimerContract } from './timer-contract.ts';

describeTimerContract('the memory timer', async () => {
  const clock = new FakeClock();
  const fired: LockstepEvent[] = [];
  const timer = new MemoryTimer(clock.now, async (events) => void fired.push(...events));
  const pass = async (seconds: number): Promise<void> => {
    await clock.advance(seconds);
    await timer.fireDue();
  };
  return {
    timer,
    clock: clock.now,
    fired,
    pass,
    lateness: 0,
    cleanUp: async () => timer.judge.assertClean(),
  };
});

describeTimerContract('the SQLite timer', async () => {
  const folder = tempFolder();
  const clock = new FakeClock();
  const fired: LockstepEvent[] = [];
  const timer = new SqliteTimer({
    path: folder.at('timers.sqlite'),
    clock: clock.now,
    sleep: clock.sleep,
    publish: async (events) => void fired.push(...events),
    onError: (error) => {
      throw error;
    },
  });
  timer.start();
  const cleanUp = async (): Promise<void> => {
    await timer.stop();
    timer.close();
    folder.remove();
  };
  const pass = (seconds: number): Promise<void> => clock.advance(seconds);
  return { timer, clock: clock.now, fired, pass, lateness: 1, cleanUp };
});
