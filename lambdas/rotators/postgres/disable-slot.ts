import { LockstepError } from '../../core/errors.ts';
import type { RotatorRequest } from '../../core/ports/rotator.ts';
import type { VersionRef } from '../../core/rotation/rotation.ts';
import { asAuthority, changeSlot, sessionsAfterClosing, slotChange, type SlotChange } from './change-slot.ts';
import type { Session } from '../../postgres/connection.ts';
import { lacksGrant } from './missing-rights.ts';
import type { PostgresPorts } from '../../postgres/ports.ts';
import { assertMayChange, markedMemory, openedMemory, type SlotClaim } from './slot-decision.ts';
import { endOf, type SlotComment, type SlotMemory } from './slot-memory.ts';
import { alterSlot, noSuchRole, type SlotState } from './slot-state.ts';

/**
 * Closes a slot to new logins, unless it is in use.
 *
 * The answer `in-use` leaves it open, also where a session slipped in between the look and the change, and
 * where an earlier run died after the change and before it looked again.
 */
export async function disableSlot(
  ports: PostgresPorts,
  request: RotatorRequest,
  version: VersionRef,
): Promise<'disabled' | 'in-use'> {
  const change = slotChange(ports, request, version);
  return asAuthority(ports, change, 'disable', async (session) => {
    const closed = await changeSlot(change, session, (state) => close(change, session, version, state));
    if (closed !== 'closed') return closed;
    if ((await sessionsAfterClosing(change, session)) === 0) return 'disabled';
    await changeSlot(change, session, (state) => open(change, session, version, state));
    return 'in-use';
  });
}

async function close(
  { claim }: SlotChange,
  session: Session,
  { version }: VersionRef,
  state: SlotState | undefined,
): Promise<'closed' | 'disabled' | 'in-use'> {
  if (!state) return 'disabled';
  const { slot } = claim;
  const { memory } = state.comment;
  assertMayChange(memory, claim, version);
  if (endOf(memory)) return 'disabled';
  // An empty list that we may not read is no proof that nobody is there.
  if (!state.seesSessions) throw lacksGrant(['pg_read_all_stats'], session.subject.role, slot);
  if (state.sessions > 0) {
    // Closed by us, in a run that died before it looked again. What an operator closed stays closed.
    if (memory?.state === 'closed') await reopen(session, claim, state.comment, memory);
    return 'in-use';
  }
  const closed = alterSlot(slot, 'NOLOGIN', state.comment, markedMemory(version, claim, 'closed'));
  await session.run(`the closing of role ${slot}`, closed);
  return 'closed';
}

const reopen = (
  session: Session,
  claim: SlotClaim,
  comment: SlotComment,
  memory: SlotMemory,
): Promise<void> =>
  session.run(
    `the opening of role ${claim.slot}`,
    alterSlot(claim.slot, 'LOGIN', comment, openedMemory(memory, claim)),
  );

/** Opens a slot that was closed and not ended. Open already: nothing happens. */
export async function enableSlot(
  ports: PostgresPorts,
  request: RotatorRequest,
  version: VersionRef,
): Promise<void> {
  const change = slotChange(ports, request, version);
  return asAuthority(ports, change, 'enable', (session) =>
    changeSlot(change, session, (state) => open(change, session, version, state)),
  );
}

async function open(
  { claim, request }: SlotChange,
  session: Session,
  { version }: VersionRef,
  state: SlotState | undefined,
): Promise<void> {
  const { slot } = claim;
  if (!state) throw noSuchRole(slot);
  assertMayChange(state.comment.memory, claim, version);
  const { memory } = state.comment;
  const ended = endOf(memory);
  if (ended) {
    throw new LockstepError(
      'PREDECESSOR_REVOKED',
      `version ${version} of ${request.credential.name} was ${ended} in role ${slot}: it cannot be opened again; rotate forward instead`,
    );
  }
  if (memory?.state === 'closed') await reopen(session, claim, state.comment, memory);
  else if (!state.canLogin) await session.run(`the opening of role ${slot}`, alterSlot(slot, 'LOGIN'));
}
