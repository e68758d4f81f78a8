import { realSleep } from '../loop/sleep.ts';
import { WorkerLoop } from '../loop/worker-loop.ts';

/** Programs of the workspace that live beside the runtime. */
export interface AttendedPrograms {
  readonly areAlive: () => Promise<boolean>;
  /** Starts what is missing, and leaves the rest alone. */
  readonly start: () => Promise<void>;
}

const LOOK_EVERY_MS = 1000;
/** One that does not start is tried again, not hammered. */
const AFTER_FAILURE_MS = 5000;

/** Sees to it that programs which have died are started again, as the runtime does for PostgreSQL. */
export function attendPrograms(
  { areAlive, start }: AttendedPrograms,
  onRestart: () => void,
  onError: (error: unknown) => void,
): WorkerLoop {
  const work = async (): Promise<number> => {
    if (await areAlive()) return LOOK_EVERY_MS;
    onRestart();
    await start();
    return LOOK_EVERY_MS;
  };
  const loop = new WorkerLoop({ work, sleep: realSleep, longestWaitMs: AFTER_FAILURE_MS, onError });
  loop.start();
  return loop;
}
