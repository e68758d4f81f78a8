import type { Instant } from '../time.ts';
import { byTime, type Sighting } from './sighting.ts';
import { stretchStart } from './stretch.ts';

/** How one principal fared with one secret on one day, UTC. */
export interface Attempt {
  /** The first time it was refused. */
  readonly refused?: Sighting;
  /** The minute in which it was last served: to the minute, so that a busy reader costs one write a minute. */
  readonly servedAt?: Instant;
}

const DAY = 24 * 3600;
const MINUTE = 60;

/** The day that an instant belongs to: part of the row's id. */
export const dayOf = (at: Instant): Instant => stretchStart(at, DAY);

/** The day before or after one. */
export const neighbourDay = (day: Instant, steps: 1 | -1): Instant =>
  new Date(Date.parse(day) + steps * DAY * 1000).toISOString();

/** With one more refusal; the very same attempt where that changes nothing. */
export function rememberRefusal(attempt: Attempt | undefined, refused: Sighting): Attempt {
  if (attempt?.refused && byTime(attempt.refused, refused) <= 0) return attempt;
  return { ...attempt, refused: { at: refused.at, eventId: refused.eventId } };
}

/** With one more answer that was served; the very same attempt where that changes nothing. */
export function rememberServing(attempt: Attempt | undefined, at: Instant): Attempt {
  const servedAt = stretchStart(at, MINUTE);
  if (attempt?.servedAt !== undefined && Date.parse(attempt.servedAt) >= Date.parse(servedAt)) return attempt;
  return { ...attempt, servedAt };
}

/**
 * The refusal of a day that was followed by an answer, that day or the next. Within one minute the order is
 * unknown and counts as followed. Once there, more records never take it away.
 */
export function refusedThenServed(day: Attempt | undefined, next: Attempt | undefined): Sighting | undefined {
  if (!day?.refused) return undefined;
  const sameDay =
    day.servedAt !== undefined &&
    Date.parse(day.servedAt) >= Date.parse(stretchStart(day.refused.at, MINUTE));
  return sameDay || next?.servedAt !== undefined ? day.refused : undefined;
}
