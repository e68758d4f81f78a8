import type { Leasable } from '../core/access/access-inventory.ts';
import { LockstepError } from '../core/errors.ts';
import { ISSUE_WITHIN_SECONDS } from '../core/ports/leaser.ts';
import { instant, secondsBetween, type Instant } from '../core/time.ts';

/** How far the clocks of two functions may be apart, in seconds. */
const SKEW_SECONDS = 60;

/**
 * Refuses a time that the inventory does not give anybody. The broker has decided by then; that it cannot have more than
 * the inventory says, whatever became of it, is decided here.
 */
export function assertWithinTtl({ name, ttl }: Leasable, expiresAt: Instant, now: Date): void {
  const seconds = secondsBetween(instant(now), expiresAt);
  if (seconds > 0 && seconds <= ttl.maximumSeconds + SKEW_SECONDS) return;
  throw new LockstepError(
    'TTL_REFUSED',
    seconds > 0
      ? `a lease of ${name} may live ${ttl.maximumSeconds} s at a time, and this one would live ${Math.ceil(seconds)} s`
      : `a lease of ${name} would have been over for ${Math.ceil(-seconds)} s when it began`,
  );
}

/** Refuses an issue that could come when its target has forgotten that the lease has ended. */
export function assertIssueWithin(notAfter: Instant, now: Date): void {
  if (secondsBetween(instant(now), notAfter) <= ISSUE_WITHIN_SECONDS + SKEW_SECONDS) return;
  throw new LockstepError(
    'MALFORMED_REQUEST',
    `an issue may reach its target for ${ISSUE_WITHIN_SECONDS} s after it was asked for, and this one says longer`,
  );
}

/** Refuses a purpose that the inventory does not let it be leased for. */
export function assertPurpose({ name, purposes }: Leasable, purpose: string): void {
  if (purposes.includes(purpose)) return;
  throw new LockstepError('PURPOSE_REFUSED', `${name} is not leased for that purpose`);
}
