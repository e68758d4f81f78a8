import { escapeIdentifier, escapeLiteral } from 'pg';
import type { LeaserRequest } from '../../core/ports/leaser.ts';
import type { PostgresPorts } from '../../postgres/ports.ts';
import { endSessions } from '../../postgres/sessions.ts';
import { asAuthority } from './as-authority.ts';
import { changeLease, type LeaseChange } from './change-lease.ts';
import { clearLeavings } from './clear-leavings.ts';
import { clearGraves, newGrave, turnedIntoGrave } from './graves.ts';
import { commentOf, type LeaseMemory } from './lease-memory.ts';
import { roleOf } from './lease-names.ts';
import type { LeaseState } from './lease-state.ts';

/**
 * Ends a lease for good, in the order in which a crash does the least harm:
 *
 * 1. its role can log in no more and has no rights any more, committed: whatever comes after, nobody gets in, and what
 *    is still open can do nothing;
 * 2. its sessions are ended;
 * 3. what it owned goes to the owner role, and what it was granted is taken back;
 * 4. the role turns into a grave, which remembers the end until no issue can come any more.
 *
 * Runs again at any point and goes on from there. Nothing of it there: a grave is dug all the same, because an issue
 * whose answer was lost may still be on its way.
 */
export async function endRole(ports: PostgresPorts, request: LeaserRequest): Promise<void> {
  const role = roleOf(request.leaseId);
  await asAuthority(ports, request, 'end', async (session) => {
    const hasRole = await changeLease(ports, session, request, (state) => closed(request, state));
    if (hasRole) {
      await endSessions(session, role, ports);
      await clearLeavings(ports, request, session);
      await changeLease(ports, session, request, (state) => buried(request, state));
    }
    await clearGraves(session, request.mark);
  });
}

function closed(request: LeaserRequest, state: LeaseState): LeaseChange<boolean> {
  const { role } = state;
  if (!role) {
    const statements = state.isBuried ? [] : newGrave(request.leaseId, state.now);
    return { statements, answer: false };
  }
  const lease = escapeIdentifier(roleOf(request.leaseId));
  const memory = commentOf(endedMemory(request, role.memory));
  return {
    statements: [
      `ALTER ROLE ${lease} NOLOGIN PASSWORD NULL CONNECTION LIMIT 0 VALID UNTIL '-infinity'`,
      ...role.granted.map((granted) => `REVOKE ${escapeIdentifier(granted)} FROM ${lease}`),
      `COMMENT ON ROLE ${lease} IS ${escapeLiteral(memory)}`,
      // Whoever has a role's rights may end its sessions and hand on what it owns: nothing else is needed for that.
      `GRANT ${lease} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE`,
    ],
    answer: true,
  };
}

const endedMemory = (request: LeaserRequest, memory: LeaseMemory | undefined): LeaseMemory => ({
  lease: request.leaseId,
  environment: memory?.environment ?? request.environment,
  leasable: memory?.leasable ?? request.leasable.name,
  holder: memory?.holder ?? 'unknown',
  purpose: memory?.purpose ?? 'unknown',
  fence: Math.max(request.fence, memory?.fence ?? 0),
  ended: true,
});

/** Another end may have been faster: then there is nothing left to do. */
const buried = ({ leaseId }: LeaserRequest, { role, now }: LeaseState): LeaseChange<void> => ({
  statements: role ? turnedIntoGrave(leaseId, now) : [],
  answer: undefined,
});
