import { setTimeout as delay } from 'node:timers/promises';

/** Waits; ends early, without an error, when the signal says so. Injected, so that a test can own the time. */
export type Pause = (milliseconds: number, signal?: AbortSignal) => Promise<void>;

/** Timers of more than 24.8 days fire at once in Node: whoever waits looks at the clock again anyway. */
const LONGEST_MS = 2 ** 31 - 1;

/** Real time. A waiting timer does not keep the process alive. */
export const realPause: Pause = async (milliseconds, signal) => {
  const options = { ref: false, ...(signal ? { signal } : {}) };
  await delay(Math.min(milliseconds, LONGEST_MS), undefined, options).catch(() => undefined);
};
