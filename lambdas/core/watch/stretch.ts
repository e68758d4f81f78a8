import type { Instant } from '../time.ts';

/**
 * The start of the stretch of `seconds` that `at` lies in. Stretches lie on a fixed grid of event times, so
 * every delivery of a record, however late, falls into the same one.
 */
export function stretchStart(at: Instant, seconds: number): Instant {
  const length = seconds * 1000;
  return new Date(Math.floor(Date.parse(at) / length) * length).toISOString();
}

/**
 * Differences that say nothing: a record's time is cut to the second, and it is told by another clock than
 * the ledger's.
 */
export const SLACK_SECONDS = 5;

/** What the ledger remembers for the watch is kept this long: longer than a record may be late. */
export const MEMORY_SECONDS = 3 * 24 * 3600;
