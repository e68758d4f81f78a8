import { LockstepError } from '../../core/errors.ts';
import type { LeaserRequest, LeaseTimes } from '../../core/ports/leaser.ts';
import type { LeaseMemory } from './lease-memory.ts';
import { userOf } from './lease-names.ts';
import type { LeaseState } from './lease-state.ts';

/**
 * Refuses an issue of what has ended, where something newer has been there, and after its time by the server's own clock:
 * whoever asked has given it up, and may have ended it so long ago that the server has forgotten.
 */
export function assertMayIssue(
  { user, now }: LeaseState,
  request: LeaserRequest,
  { notAfter }: LeaseTimes,
): void {
  if (user?.memory?.ended === true) throw late(request, 'it has ended');
  if (now > Date.parse(notAfter)) throw late(request, `it should have come before ${notAfter}`);
  // A user of ours without a memory was changed by somebody: nothing tells what was done with it.
  if (user && !user.memory) throw late(request, 'its attribute is gone');
  assertNewEnough(user?.memory, request);
}

/** What is remembered of a lease that may be renewed. Throws `LEASE_OVER` where there is none any more. */
export function assertMayRenew({ user }: LeaseState, request: LeaserRequest): LeaseMemory {
  if (!user || user.isLocked || user.memory?.ended === true) {
    throw new LockstepError(
      'LEASE_OVER',
      `user ${userOf(request.leaseId)} lets nobody in any more; ask for a new lease`,
    );
  }
  if (!user.memory) throw late(request, 'its attribute is gone');
  assertNewEnough(user.memory, request);
  return user.memory;
}

function assertNewEnough(memory: LeaseMemory | undefined, request: LeaserRequest): void {
  if (memory && memory.fence > request.fence) throw late(request, `fence ${memory.fence} has been there`);
}

const late = ({ leaseId, fence }: LeaserRequest, why: string): LockstepError =>
  new LockstepError(
    'FENCED_OFF',
    `a change of user ${userOf(leaseId)} under fence ${fence} came too late and was refused: ${why}`,
  );
