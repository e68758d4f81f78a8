import { LockstepError } from '../errors.ts';
import type { LeaseTimes } from '../ports/leaser.ts';
import { instant, reached, secondsBetween, type Instant } from '../time.ts';

/**
 * How much later than it was asked to a target may end a lease, in seconds: clocks differ, requests take time, and some
 * targets know no shorter step. `IssuedLease.expiresAt` says so, and the ledger goes by it.
 */
export const EXPIRY_MARGIN_SECONDS = 60;

/** Refuses an issue that nobody waits for any more. Throws `FENCED_OFF`. */
export function assertNotTooLate(leaseId: string, { notAfter }: LeaseTimes, now: Date): void {
  if (!reached(notAfter, now)) return;
  throw new LockstepError(
    'FENCED_OFF',
    `lease ${leaseId} was to be made by ${notAfter}, and was given up then; nothing was made`,
  );
}

/** Whole seconds until the lease ends, and no more than that: what a target that counts from now is asked for. */
export const secondsLeft = ({ expiresAt }: Pick<LeaseTimes, 'expiresAt'>, now: Date): number =>
  Math.floor(secondsBetween(instant(now), expiresAt));

/** By how many seconds what a target gives outlives the lease; `undefined` where that is within the margin. */
export function outlivesBy(
  { expiresAt }: Pick<LeaseTimes, 'expiresAt'>,
  atTarget: Instant,
): number | undefined {
  const seconds = secondsBetween(expiresAt, atTarget);
  return seconds <= EXPIRY_MARGIN_SECONDS ? undefined : Math.ceil(seconds);
}
