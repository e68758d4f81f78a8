import { LockstepError } from '../../core/errors.ts';
import type { HeldVersion, RotatorRequest } from '../../core/ports/rotator.ts';
import type { VersionRef } from '../../core/rotation/rotation.ts';
import { asAuthority, changeSlot, slotChange } from './change-slot.ts';
import { assertLeadsTo, readLoginValue } from '../../postgres/login-value.ts';
import type { PostgresPorts } from '../../postgres/ports.ts';
import { SALT_BYTES, scramVerifier } from '../../postgres/scram-verifier.ts';
import { decideInstall } from './slot-decision.ts';
import { alterSlot, noSuchRole } from './slot-state.ts';

/**
 * Puts the successor's verifier into its slot and opens it: one connection, one transaction, and the password
 * itself is never sent. The other slot, which the current version works with, is not touched.
 *
 * Runs again: the same version in the slot already is success. Too late: `FENCED_OFF`.
 */
export async function installSlot(
  ports: PostgresPorts,
  request: RotatorRequest,
  successor: HeldVersion,
  current: VersionRef | undefined,
): Promise<void> {
  const value = readLoginValue(successor.value);
  const change = slotChange(ports, request, { key: value.username });
  const { slot } = change.claim;
  assertLeadsTo(value, change.target);
  assertNotCurrent(request, slot, successor, current);
  const verifier = await scramVerifier(value.password, ports.randomBytes(SALT_BYTES));

  await asAuthority(ports, change, 'install', (session) =>
    changeSlot(change, session, async (state) => {
      if (!state) throw noSuchRole(slot);
      if (decideInstall(state.comment.memory, change.claim) === 'done') return;
      const { token, fence } = change.claim;
      const opened = alterSlot(slot, `LOGIN PASSWORD '${verifier}'`, state.comment, { token, fence });
      await session.run(`the installation of role ${slot}`, opened);
    }),
  );
}

/** Confused deputy: a successor that names the slot in use would overwrite the password that everybody uses. */
function assertNotCurrent(
  { credential }: RotatorRequest,
  slot: string,
  successor: HeldVersion,
  current: VersionRef | undefined,
): void {
  if (successor.key === slot && current?.key !== slot) return;
  throw new LockstepError(
    'VALUE_MALFORMED',
    successor.key === slot
      ? `version ${successor.version} of ${credential.name} names role ${slot}, which version ${current?.version ?? ''} is using; abandon this rotation`
      : `version ${successor.version} of ${credential.name} is said to be role ${successor.key} and names role ${slot}; abandon this rotation`,
  );
}
