import { LockstepError } from '../../core/errors.ts';
import type { RotatorRequest } from '../../core/ports/rotator.ts';
import type { VersionRef } from '../../core/rotation/rotation.ts';
import { withConnection, type Session } from '../../postgres/connection.ts';
import type { PostgresTarget } from './kind.ts';
import { readLoginValue } from '../../postgres/login-value.ts';
import { namingMissingRights } from './missing-rights.ts';
import { timeoutsOf, type ConnectionPurpose, type PostgresPorts } from '../../postgres/ports.ts';
import { assertMayChange, markedMemory, type SlotClaim } from './slot-decision.ts';
import { endOf } from './slot-memory.ts';
import { alterSlot, findSlot, type SlotState } from './slot-state.ts';
import { countSlippedIn, endSessions } from '../../postgres/sessions.ts';
import { otherSlot, postgresTarget } from './target.ts';
import { inTransaction } from '../../postgres/transaction.ts';

/** Rights that every change of a slot needs. */
const TO_CHANGE = ['CREATEROLE', 'ADMIN OPTION'] as const;

/** A slot that is to change, and on whose behalf. */
export interface SlotChange {
  readonly ports: PostgresPorts;
  readonly request: RotatorRequest;
  readonly target: PostgresTarget;
  readonly claim: SlotClaim;
}

/** The error for a version that names a role which the inventory does not give it. */
export const notASlot = (credential: string, key: string, slots: readonly string[]): LockstepError =>
  new LockstepError(
    'VALUE_MALFORMED',
    `a version of ${credential} names role ${key}, which is none of its slots ${slots.join(' and ')}; ` +
      'put a value with one of these, or correct the inventory',
  );

/** The change of the slot that a version names, as long as the inventory declares that slot. */
export function slotChange(
  ports: PostgresPorts,
  request: RotatorRequest,
  { key }: Pick<VersionRef, 'key'>,
): SlotChange {
  const target = postgresTarget(request.credential);
  if (otherSlot(target.slots, key) === undefined) throw notASlot(request.credential.name, key, target.slots);
  return { ports, request, target, claim: { slot: key, token: request.token, fence: request.fence } };
}

/** One connection of the authority's, to the declared server whatever its own value says. */
export function asAuthority<T>(
  ports: PostgresPorts,
  { request, target }: Pick<SlotChange, 'request' | 'target'>,
  purpose: ConnectionPurpose,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  return request.withAuthority((value) => {
    const { dbname, username, password } = readLoginValue(value);
    const login = { endpoint: target.endpoint, database: dbname, role: username, password };
    return withConnection(ports, login, purpose, work);
  });
}

/** One transaction that looks at the slot and then changes it; a missing right is named. */
export function changeSlot<T>(
  { ports, claim }: SlotChange,
  session: Session,
  decide: (slot: SlotState | undefined) => Promise<T>,
): Promise<T> {
  return namingMissingRights(session, claim.slot, TO_CHANGE, () =>
    inTransaction(session, claim.slot, timeoutsOf(ports), async () =>
      decide(await findSlot(session, claim.slot)),
    ),
  );
}

/**
 * Ends a version: its role can log in no more, remembers under which fence it ended, and loses its sessions.
 * No such role: it has ended. The change is committed first, so that a missing right to end sessions, or a
 * crash, leaves the door shut.
 */
export function endVersion(
  change: SlotChange,
  { version }: VersionRef,
  ended: 'revoked' | 'stopped',
): Promise<void> {
  const { ports, claim } = change;
  const { slot } = claim;
  return asAuthority(ports, change, ended === 'revoked' ? 'revoke' : 'stop', async (session) => {
    const exists = await changeSlot(change, session, async (state) => {
      if (!state) return false;
      assertMayChange(state.comment.memory, claim, version);
      // A stopped one keeps its verifier; a revoked one that is stopped again stays revoked.
      const wasRevoked = endOf(state.comment.memory) === 'revoked';
      const attributes = ended === 'revoked' ? 'NOLOGIN PASSWORD NULL' : 'NOLOGIN';
      const memory = markedMemory(version, claim, wasRevoked ? 'revoked' : ended);
      await session.run(`the end of role ${slot}`, alterSlot(slot, attributes, state.comment, memory));
      return true;
    });
    if (!exists) return;
    await endSessions(session, slot, ports, (terminate) =>
      namingMissingRights(session, slot, ['pg_signal_backend'], terminate),
    );
  });
}

/** How many sessions a slot has after it was closed, those that were on their way in included. */
export const sessionsAfterClosing = ({ ports, claim }: SlotChange, session: Session): Promise<number> =>
  countSlippedIn(session, claim.slot, ports);
