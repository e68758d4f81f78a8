import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../../../lambdas/core/time.ts';
import { startMinistack } from './ministack.ts';
import { clearScratch, runFolder } from './run-folder.ts';

/** A MiniStack of its own, whose clock the test moves. */
export interface ClockedBed {
  readonly url: string;
  /** What the bed takes for the time. */
  readonly clock: Clock;
  /** Moves its clock ahead. Whoever sleeps in the bed wakes when that time has come. */
  readonly move: (seconds: number) => void;
  readonly stop: () => Promise<void>;
}

/** Starts one. */
export async function startClockedMinistack(): Promise<ClockedBed> {
  const path = join(runFolder(), 'clock');
  const state = { ahead: 0 };
  const move = (seconds: number): void => {
    state.ahead += seconds;
    writeFileSync(path, String(state.ahead));
  };
  move(0);
  const { url, bed } = await startMinistack({
    logName: 'clocked-ministack',
    environment: {
      PYTHONPATH: fileURLToPath(new URL('moved-clock/', import.meta.url)),
      LOCKSTEP_CLOCK: path,
    },
  });
  const stop = async (): Promise<void> => {
    await bed.stop();
    clearScratch();
  };
  return { url, clock: () => new Date(Date.now() + state.ahead * 1000), move, stop };
}
