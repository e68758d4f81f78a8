import { auditedEffect, type AuditPorts } from '../core/audit/audited-effect.ts';
import { secretName, type Inventory } from '../core/credential.ts';
import { isLockstepError, LockstepError } from '../core/errors.ts';
import type { EventOf } from '../core/events.ts';
import { makeEvent } from '../core/make-event.ts';
import type { Bus } from '../core/ports/bus.ts';
import type { Vault } from '../core/ports/vault.ts';
import { readRotation } from '../core/rotation/record-transition.ts';
import type { Rotation } from '../core/rotation/rotation.ts';
import {
  takeWritesOfBreach,
  takeWritesOfStart,
  type WriteBudgetPorts,
} from '../core/rotation/take-vault-writes.ts';

/** What starting needs from outside. */
export interface StartPorts extends AuditPorts, WriteBudgetPorts {
  readonly inventory: Inventory;
  readonly vault: Vault;
  readonly bus: Bus;
  readonly functionName: string;
}

/**
 * Hands an admitted rotation to Secrets Manager. Its token is the ClientRequestToken, so starting it again
 * reattempts the same rotation and never begins a second one.
 *
 * Its two writes to the vault are taken from the budget before it begins, also those that its steps make much later:
 * what keeps a second within the quota is that no more rotations begin in it (docs/decisions/0024).
 */
export async function startRotation(
  ports: StartPorts,
  { detail }: EventOf<'rotation.requested'>,
): Promise<void> {
  const { body: rotation } = await readRotation(ports.ledger, detail.credential, detail.rotation);
  if (!waitsForItsSteps(rotation)) return;
  await takeItsWrites(ports, rotation);
  const subject = {
    chain: rotation.credential,
    action: 'request' as const,
    who: { kind: 'function' as const, name: ports.functionName, via: rotation.requestedBy },
    what: { credential: rotation.credential, rotation: rotation.token },
    why: { cause: rotation.cause, ...(rotation.reason === undefined ? {} : { reason: rotation.reason }) },
  };
  const secretId = secretName(ports.inventory.environment, rotation.credential);
  try {
    await auditedEffect(ports, subject, () =>
      ports.vault.startRotation(secretId, { token: rotation.token, immediately: true }),
    );
  } catch (error) {
    if (!isLockstepError(error, 'PENDING_ELSEWHERE')) throw error;
    await callReconcile(ports, rotation.credential, error);
  }
}

const waitsForItsSteps = ({ phase }: Rotation): boolean =>
  phase === 'requested' ||
  phase === 'issued' ||
  phase === 'installed' ||
  phase === 'verified' ||
  phase === 'failed';

/** Two on the straight way; one where the value was put by an earlier run. */
const takeItsWrites = (ports: StartPorts, { cause, reached }: Rotation): Promise<void> =>
  (cause === 'breach' ? takeWritesOfBreach : takeWritesOfStart)(ports, reached === 'requested' ? 2 : 1);

/** A pending version of somebody else blocks us. Reconcile knows whether it may go; we come back. */
async function callReconcile(ports: StartPorts, credential: string, cause: unknown): Promise<never> {
  const source = { environment: ports.inventory.environment, clock: ports.clock, newId: ports.newId };
  await ports.bus.publish([makeEvent(source, 'reconcile.due', { credential })]);
  throw new LockstepError(
    'NOT_YET',
    `another version of ${credential} is still pending; reconcile was called, starting is tried again`,
    {
      retryAfterSeconds: 5,
      cause,
    },
  );
}
