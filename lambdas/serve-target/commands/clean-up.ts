import { auditedEffect } from '../../core/audit/audited-effect.ts';
import { secretName, type Credential } from '../../core/credential.ts';
import { isLockstepError, LockstepError } from '../../core/errors.ts';
import { withLock } from '../../core/lock/credential-lock.ts';
import { readRotation } from '../../core/rotation/record-transition.ts';
import type { Rotation } from '../../core/rotation/rotation.ts';
import { takeWritesOfMend } from '../../core/rotation/take-vault-writes.ts';
import { auditSubject } from '../audit-subject.ts';
import { readIfPresent } from '../read-versions.ts';
import { reapOrphans } from '../reap-orphans.ts';
import { rotatorRequest } from '../rotator-request.ts';
import type { TargetPorts } from '../target-ports.ts';

/**
 * Behind an abandoned rotation: takes AWSPENDING off its version, so that the next rotation is not blocked,
 * and ends whatever the rotation made at the target.
 */
export async function cleanUp(
  ports: TargetPorts,
  credential: Credential,
  token: string,
): Promise<{ readonly revoked: readonly string[] }> {
  const { body: rotation } = await readRotation(ports.ledger, credential.name, token);
  if (rotation.phase !== 'abandoned') {
    throw new LockstepError(
      'OUT_OF_ORDER',
      `rotation ${token} of ${credential.name} is ${rotation.phase}; only an abandoned one is cleaned up`,
    );
  }
  if (rotation.strategy === 'in-place' && rotation.reached !== 'requested') {
    throw new LockstepError(
      'NOT_SUPPORTED',
      `rotation ${token} of ${credential.name} may have changed its account in place: its pending value may be the only one that works, and keeps its label`,
    );
  }
  const holder = { holder: ports.newId(), seconds: ports.lockSeconds };
  return withLock(ports.ledger, ports.clock, [credential.name], holder, async () => {
    const revoked = await endWhatItMade(ports, credential, rotation);
    await takeWritesOfMend(ports, 1);
    // Last, because reconcile comes back for as long as the label is there.
    const secretId = secretName(ports.inventory.environment, credential.name);
    await auditedEffect(ports, auditSubject(ports, rotation, 'strip-pending', { version: token }), () =>
      ports.vault.removePending(secretId, token),
    );
    return { revoked };
  });
}

async function endWhatItMade(
  ports: TargetPorts,
  credential: Credential,
  rotation: Rotation,
): Promise<readonly string[]> {
  const rotator = ports.rotatorFor(credential.kind);
  const call = rotatorRequest(ports, credential, rotation);
  if (rotator.capabilities.mintsAtTarget) return reapOrphans(ports, credential, rotation, call, undefined);
  const key =
    rotation.successor?.key ?? (await readIfPresent(ports, credential, { version: rotation.token }))?.key;
  // Nothing was made at the target before setSecret, and the predecessor's place is never ours to end.
  if (key === undefined || key === rotation.predecessor?.key) return [];
  const ending = { version: rotation.token, key };
  try {
    await auditedEffect(ports, auditSubject(ports, rotation, 'revoke', ending), () =>
      rotator.revoke(call, ending),
    );
    return [key];
  } catch (error) {
    // A newer rotation has installed itself there: what this one made is gone already.
    if (isLockstepError(error, 'FENCED_OFF')) return [];
    throw error;
  }
}
