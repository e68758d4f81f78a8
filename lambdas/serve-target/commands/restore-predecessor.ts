import { auditedEffect } from '../../core/audit/audited-effect.ts';
import { secretName, type Credential } from '../../core/credential.ts';
import { isLockstepError, LockstepError } from '../../core/errors.ts';
import type { Rotation, VersionRef } from '../../core/rotation/rotation.ts';
import { takeWritesOfMend } from '../../core/rotation/take-vault-writes.ts';
import { auditSubject } from '../audit-subject.ts';
import { readHeld } from '../read-versions.ts';
import { rotatorRequest } from '../rotator-request.ts';
import type { TargetPorts } from '../target-ports.ts';
import { withRotation } from '../with-rotation.ts';
import { bothVersions } from './observe-use.ts';

/**
 * The way back, in the order in which nobody is ever left without a working version: enable the predecessor,
 * prove it by a login, and only then take AWSPENDING off the successor and move AWSCURRENT back. The ledger
 * has been told first, so no step of this rotation can promote the successor again.
 */
export async function restorePredecessor(
  ports: TargetPorts,
  credential: Credential,
  token: string,
): Promise<{ readonly current: string }> {
  return withRotation(ports, credential, token, async (rotation) => {
    if (rotation.phase !== 'rolling-back') {
      throw new LockstepError(
        'OUT_OF_ORDER',
        `rotation ${token} of ${credential.name} is ${rotation.phase}, not rolling back`,
      );
    }
    const { predecessor, successor } = bothVersions(rotation);
    await enableAndProve(ports, credential, rotation, predecessor);
    await moveBack(ports, credential, rotation, { predecessor, successor });
    return { current: predecessor.version };
  });
}

async function enableAndProve(
  ports: TargetPorts,
  credential: Credential,
  rotation: Rotation,
  predecessor: VersionRef,
): Promise<void> {
  const rotator = ports.rotatorFor(credential.kind);
  const call = rotatorRequest(ports, credential, rotation);
  if (rotator.capabilities.reversibleDisable) {
    await auditedEffect(ports, auditSubject(ports, rotation, 'enable', predecessor), () =>
      rotator.enable(call, predecessor),
    );
  }
  const held = await readHeld(ports, credential, { version: predecessor.version });
  await rotator.verify(call, held).catch((error: unknown) => {
    if (!isLockstepError(error, 'SUCCESSOR_REJECTED', 'TARGET_REFUSES_LOGIN')) throw error;
    throw new LockstepError(
      'PREDECESSOR_REVOKED',
      `the target refuses version ${predecessor.version} of ${credential.name}: there is nothing to go back to; rotate forward instead`,
      { cause: error },
    );
  });
}

async function moveBack(
  ports: TargetPorts,
  credential: Credential,
  rotation: Rotation,
  { predecessor, successor }: { readonly predecessor: VersionRef; readonly successor: VersionRef },
): Promise<void> {
  const secretId = secretName(ports.inventory.environment, credential.name);
  await takeWritesOfMend(ports, 2);
  await auditedEffect(ports, auditSubject(ports, rotation, 'restore', predecessor), async () => {
    await ports.vault.removePending(secretId, successor.version);
    const move = { to: predecessor.version, from: successor.version };
    await ports.vault.moveCurrent(secretId, move).catch(async (error: unknown) => {
      // Moved already, by an earlier run. Asked only now: a look that is older than the promotion shows the same.
      const { versions } = await ports.vault.describe(secretId);
      if (!versions[predecessor.version]?.includes('AWSCURRENT')) throw error;
    });
  });
}
