import { statSync } from 'node:fs';

/** How a living runtime is seen: it touches this file every second. */
export interface HeartbeatWatch {
  readonly path: string;
  /** How long without a touch until nobody is there any more. */
  readonly limitMs: number;
  /** Milliseconds that no clock adjustment moves; stands still while the machine sleeps. */
  readonly monotonicMs: () => number;
}

/**
 * Answers, each time it is asked, whether the runtime has been silent for the limit.
 *
 * Measured from the last *change* that was seen, not from the file's own time: after a sleep of the machine, or a
 * jump of its clock, the file is old and its runtime alive. A file that was never there is silence since the start.
 */
export function heartbeatWatch({ path, limitMs, monotonicMs }: HeartbeatWatch): () => boolean {
  let seen = touchedAt(path);
  let changedAt = monotonicMs();
  return () => {
    const now = touchedAt(path);
    if (now !== seen) {
      seen = now;
      changedAt = monotonicMs();
    }
    return monotonicMs() - changedAt >= limitMs;
  };
}

const touchedAt = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.mtimeMs;
