import type { Instant } from '../time.ts';

/** One record as evidence: enough to find it again. */
export interface Sighting {
  readonly at: Instant;
  readonly eventId: string;
}

/** By time, then by id: clocks of one second tie often. Works for sorting. */
export function byTime(one: Sighting, other: Sighting): number {
  const difference = Date.parse(one.at) - Date.parse(other.at);
  if (difference !== 0) return difference;
  return one.eventId < other.eventId ? -1 : one.eventId > other.eventId ? 1 : 0;
}
