import { auditedEffect, auditFact } from '../core/audit/audited-effect.ts';
import { secretName, type Credential } from '../core/credential.ts';
import { isLockstepError, LockstepError } from '../core/errors.ts';
import type { HeldLock } from '../core/lock/credential-lock.ts';
import type { HeldVersion } from '../core/ports/rotator.ts';
import type { SecretDescription } from '../core/ports/vault.ts';
import { recordTransition } from '../core/rotation/record-transition.ts';
import type { Rotation } from '../core/rotation/rotation.ts';
import { instant } from '../core/time.ts';
import { auditSubject } from './audit-subject.ts';
import { readHeld, readIfPresent, readPending } from './read-versions.ts';
import { reapOrphans } from './reap-orphans.ts';
import { rotatorRequest } from './rotator-request.ts';
import type { TargetPorts } from './target-ports.ts';
import { assertNotGivenUp, withRotation } from './with-rotation.ts';

/** What `createSecret` needs to know beyond the ports. */
export interface CreateRequest {
  readonly credential: Credential;
  readonly rotation: Rotation;
  readonly secret: SecretDescription;
  readonly rotationToken?: string;
}

/**
 * `createSecret`: makes the successor's value and stores it as AWSPENDING.
 *
 * A value that is already stored under the token is used, whoever stored it: never regenerate on a retry.
 * Where making the value has an effect at the target, that happens under the credential's lock, and every
 * key that carries this token but is not in the stored value is ended afterwards.
 */
export async function createSuccessor(ports: TargetPorts, request: CreateRequest): Promise<void> {
  const { credential, rotation, secret } = request;
  await assertMayBegin(ports, credential, rotation, secret);
  const current = await readHeld(ports, credential);
  // Once `issued` is recorded there is a value, also where the vault does not show it yet: never make another.
  const successor =
    rotation.reached === 'requested'
      ? await findOrMake(ports, request, current)
      : await readPending(ports, credential, rotation.token);
  await recordTransition(ports.ledger, credential.name, rotation.token, {
    type: 'issued',
    at: instant(ports.clock()),
    successor: { version: rotation.token, key: successor.key },
    predecessor: { version: current.version, key: current.key },
  });
}

/** Whoever stored it may have died before its outcome: the intent gets its answer wherever the value is come across. */
async function answered(ports: TargetPorts, rotation: Rotation, stored: HeldVersion): Promise<HeldVersion> {
  const { version, key } = stored;
  const subject = auditSubject(ports, rotation, 'put-pending', { version, key });
  await auditFact(ports, subject, 'outcome', { outcome: 'done', note: 'it was found in the vault' });
  return stored;
}

/** What was checked when the rotation was requested may have changed since; nothing has been done yet. */
async function assertMayBegin(
  ports: TargetPorts,
  credential: Credential,
  rotation: Rotation,
  secret: SecretDescription,
): Promise<void> {
  const { name } = credential;
  if (!Object.values(secret.versions).some((labels) => labels.includes('AWSCURRENT'))) {
    throw new LockstepError('NOT_ADOPTED', `${name} has no current value; run: lockstep adopt ${name}`);
  }
  const state = (await ports.ledger.read('credential', name, 'state'))?.body;
  if (state?.active !== rotation.token) {
    throw new LockstepError(
      'PREDECESSOR_IN_USE',
      `rotation ${state?.active ?? 'unknown'} of ${name} is not over; see: lockstep status ${name}`,
    );
  }
  // How far it had come, not its phase: a rotation that was refused once is `failed`, and still has not begun.
  if (state.hold && rotation.cause !== 'breach' && rotation.reached === 'requested') {
    throw new LockstepError(
      'HELD',
      `${name} is held by ${state.hold.by} (${state.hold.reason}); run: lockstep release ${name}`,
    );
  }
}

/** The value that an earlier run, or another one at this moment, has stored; or a new one. */
async function findOrMake(
  ports: TargetPorts,
  request: CreateRequest,
  current: HeldVersion,
): Promise<HeldVersion> {
  const { credential, rotation } = request;
  const find = (): Promise<HeldVersion | undefined> =>
    readIfPresent(ports, credential, { version: rotation.token });
  const known = await find();
  if (!ports.rotatorFor(credential.kind).capabilities.mintsAtTarget)
    return known ? answered(ports, rotation, known) : issueAndStore(ports, request, current, undefined);

  return withRotation(ports, credential, rotation.token, async (found, lock) => {
    assertNotGivenUp(found);
    // Somebody else may have stored a value while we waited for the lock.
    const stored = known ?? (await find());
    const successor = stored
      ? await answered(ports, rotation, stored)
      : await issueAndStore(ports, request, current, lock);
    await lock.assertHeld();
    // Also where the value was there: an earlier run may have died between the put and the reaping.
    const rotatorCall = rotatorRequest(ports, credential, rotation);
    await reapOrphans(ports, credential, rotation, rotatorCall, successor.key);
    return successor;
  });
}

async function issueAndStore(
  ports: TargetPorts,
  { credential, rotation, rotationToken }: CreateRequest,
  current: HeldVersion,
  lock: HeldLock | undefined,
): Promise<HeldVersion> {
  const rotator = ports.rotatorFor(credential.kind);
  const call = rotatorRequest(ports, credential, rotation);
  const issued = await auditedEffect(ports, auditSubject(ports, rotation, 'issue'), () =>
    rotator.issue(call, current),
  );
  await lock?.assertHeld();
  const subject = auditSubject(ports, rotation, 'put-pending', { version: rotation.token, key: issued.key });
  const secretId = secretName(ports.inventory.environment, credential.name);
  try {
    await auditedEffect(ports, subject, () =>
      ports.vault.putPending(secretId, rotation.token, issued.value, rotationToken),
    );
    return { version: rotation.token, ...issued };
  } catch (error) {
    // Two of us ran, and the other one stored first: its value counts, ours is reaped by its missing from the vault.
    if (!isLockstepError(error, 'VERSION_CONFLICT')) throw error;
    return answered(ports, rotation, await readPending(ports, credential, rotation.token));
  }
}
