import { LockstepError } from '../../core/errors.ts';
import type { LeaseTimes } from '../../core/ports/leaser.ts';
import { roleOf } from './lease-names.ts';
import type { LeaseState } from './lease-state.ts';

/** A change that is asked for: of which lease, and how new. */
export interface LeaseClaim {
  readonly leaseId: string;
  readonly fence: number;
}

/**
 * Whether a lease is to be made, or made again with another password. Refused where it has ended, where something newer
 * has been there, and where it comes after its time by the server's own clock: whoever asked has given it up, and may
 * have ended it so long ago that the server has forgotten.
 */
export function decideIssue(
  { role, isBuried, now }: LeaseState,
  claim: LeaseClaim,
  { notAfter }: LeaseTimes,
): 'make' | 'make again' {
  if (isBuried || role?.memory?.ended === true) throw late(claim, 'it has ended');
  if (now > Date.parse(notAfter)) throw late(claim, `it should have come before ${notAfter}`);
  if (!role) return 'make';
  // A role of ours without a memory was changed by somebody: nothing tells what was done with it.
  if (!role.memory) throw late(claim, 'its comment is gone');
  if (role.memory.fence > claim.fence) throw late(claim, `fence ${role.memory.fence} has been there`);
  return 'make again';
}

/** Whether its end may be moved. Throws `LEASE_OVER` where the server lets its holder in no more. */
export function decideRenewal({ role, isBuried, now }: LeaseState, claim: LeaseClaim): 'move' {
  const isOver = isBuried || !role?.canLogin || role.memory?.ended === true || role.validUntil <= now;
  if (isOver) {
    throw new LockstepError(
      'LEASE_OVER',
      `role ${roleOf(claim.leaseId)} lets nobody in any more; ask for a new lease`,
    );
  }
  if (!role.memory) throw late(claim, 'its comment is gone');
  if (role.memory.fence > claim.fence) throw late(claim, `fence ${role.memory.fence} has been there`);
  return 'move';
}

const late = ({ leaseId, fence }: LeaseClaim, why: string): LockstepError =>
  new LockstepError(
    'FENCED_OFF',
    `a change of role ${roleOf(leaseId)} under fence ${fence} came too late and was refused: ${why}`,
  );
