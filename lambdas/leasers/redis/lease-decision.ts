import { LockstepError } from '../../core/errors.ts';
import type { LeaserRequest, LeaseTimes } from '../../core/ports/leaser.ts';
import type { LeaseState } from './change-lease.ts';
import type { LeaseMemory } from './lease-memory.ts';
import { userOf } from './lease-names.ts';

/**
 * Refuses an issue of what has ended, where something newer has been there, and after its time by the server's own clock:
 * whoever asked has given it up, and may have ended it so long ago that the server has forgotten.
 */
export function assertMayIssue(
  { memory, exists, now }: LeaseState,
  request: LeaserRequest,
  { notAfter }: LeaseTimes,
): void {
  if (memory?.ended === true) throw late(request, 'it has ended');
  if (now > Date.parse(notAfter)) throw late(request, `it should have come before ${notAfter}`);
  // A user of ours without a memory outlived it: nothing tells what was done with it.
  if (exists && !memory) throw late(request, 'what was known of it is gone');
  assertNewEnough(memory, request);
}

/** What is remembered of a lease that may be renewed. Throws `LEASE_OVER` where there is none any more. */
export function assertMayRenew({ memory, exists }: LeaseState, request: LeaserRequest): LeaseMemory {
  if (!exists || memory?.ended === true) {
    throw new LockstepError(
      'LEASE_OVER',
      `user ${userOf(request.leaseId)} lets nobody in any more; ask for a new lease`,
    );
  }
  if (!memory) throw late(request, 'what was known of it is gone');
  assertNewEnough(memory, request);
  return memory;
}

function assertNewEnough(memory: LeaseMemory | undefined, request: LeaserRequest): void {
  if (memory && memory.fence > request.fence) throw late(request, `fence ${memory.fence} has been there`);
}

const late = (request: LeaserRequest, why: string): LockstepError =>
  new LockstepError(
    'FENCED_OFF',
    `a change of user ${userOf(request.leaseId)} under fence ${request.fence} came too late and was refused: ${why}`,
  );
