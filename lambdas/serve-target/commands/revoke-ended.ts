import { auditedEffect } from '../../core/audit/audited-effect.ts';
import type { Credential } from '../../core/credential.ts';
import { LockstepError } from '../../core/errors.ts';
import type { Rotation, VersionRef } from '../../core/rotation/rotation.ts';
import { auditSubject } from '../audit-subject.ts';
import { readIfPresent } from '../read-versions.ts';
import { rotatorRequest } from '../rotator-request.ts';
import type { TargetPorts } from '../target-ports.ts';
import { withRotation } from '../with-rotation.ts';

/**
 * Ends a version for good and asks the target whether it is refused now: the predecessor of a disabled
 * rotation, or the successor of one that was rolled back and left by everybody.
 */
export async function revokeEnded(
  ports: TargetPorts,
  credential: Credential,
  token: string,
): Promise<{ readonly refused: 'refused' | 'accepted' | 'unknown' }> {
  const rotator = ports.rotatorFor(credential.kind);
  return withRotation(ports, credential, token, async (rotation) => {
    const ending = endingVersion(rotation);
    const call = rotatorRequest(ports, credential, rotation);
    await auditedEffect(ports, auditSubject(ports, rotation, 'revoke', ending), () =>
      rotator.revoke(call, ending),
    );
    const held = await readIfPresent(ports, credential, { version: ending.version });
    // A value that the vault has collected cannot be asked about. Unknown is not refused.
    if (!held) return { refused: 'unknown' as const };
    const refused = await auditedEffect(
      ports,
      auditSubject(ports, rotation, 'prove-refused', ending),
      () => rotator.proveRefused(call, held),
      (answer) => ({
        outcome: answer === 'refused' ? 'done' : answer === 'accepted' ? 'failed' : 'unknown',
        note: answer,
      }),
    );
    return { refused };
  });
}

function endingVersion(rotation: Rotation): VersionRef {
  const { phase, predecessor, successor, rollback } = rotation;
  if (phase === 'disabled' && predecessor) return predecessor;
  if (phase === 'rolling-back' && successor && rollback?.returnedAt) return successor;
  throw new LockstepError(
    'OUT_OF_ORDER',
    `rotation ${rotation.token} of ${rotation.credential} is ${phase}; nothing of it may be revoked now`,
  );
}
