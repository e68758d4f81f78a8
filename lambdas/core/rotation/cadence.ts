import type { Credential } from '../credential.ts';
import type { CredentialState } from '../ledger-rows.ts';
import { instant, secondsBetween } from '../time.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Steps of a clock that repeats itself every day, the longest first. */
const TICKS: readonly number[] = [
  DAY,
  12 * HOUR,
  8 * HOUR,
  6 * HOUR,
  4 * HOUR,
  3 * HOUR,
  2 * HOUR,
  HOUR,
  30 * MINUTE,
  20 * MINUTE,
  15 * MINUTE,
  10 * MINUTE,
  5 * MINUTE,
  MINUTE,
];

/** What a tenth of a cadence means to nobody: off by that much, it is still kept. */
const NEGLIGIBLE = 10;

/**
 * How often a clock asks whether a credential is due, in seconds.
 *
 * Not every cadence fits a calendar (ten days), and a schedule that counts from its own creation would fire when
 * it is deployed. So the clock ticks at fixed times of the day, at least once per cadence, and `isDue` decides. A tick
 * that was lost, or refused because of a hold or a freeze, is made good by the next one, not a whole cadence later.
 */
export const tickSeconds = (rotateEverySeconds: number): number =>
  TICKS.find((tick) => rotateEverySeconds % tick === 0 || rotateEverySeconds >= NEGLIGIBLE * tick) ?? MINUTE;

/** Below this only the embedded world rotates, whose clock ticks when a credential is due and at no other time. */
const SHORTEST_TICKED_SECONDS = 10 * MINUTE;

/** Whether a tick means this credential: it is old enough that the next tick would be later than its cadence. */
export function isDue(
  { rotateEverySeconds }: Pick<Credential, 'rotateEverySeconds'>,
  { currentSince, adoptedAt }: Pick<CredentialState, 'currentSince' | 'adoptedAt'>,
  now: Date,
): boolean {
  const since = currentSince ?? adoptedAt;
  if (since === undefined || rotateEverySeconds < SHORTEST_TICKED_SECONDS) return true;
  // A version becomes current some time after its tick, and ticks come within a window: half a tick covers both.
  return secondsBetween(since, instant(now)) >= rotateEverySeconds - tickSeconds(rotateEverySeconds) / 2;
}
