import { auditedEffect } from '../../core/audit/audited-effect.ts';
import type { Credential } from '../../core/credential.ts';
import { LockstepError } from '../../core/errors.ts';
import { readRotation } from '../../core/rotation/record-transition.ts';
import type { Phase, Rotation, VersionRef } from '../../core/rotation/rotation.ts';
import { auditSubject } from '../audit-subject.ts';
import { rotatorRequest } from '../rotator-request.ts';
import type { TargetPorts } from '../target-ports.ts';
import { withRotation } from '../with-rotation.ts';

const MAY_DISABLE: readonly Phase[] = ['adopted', 'disabled'];
const MAY_ENABLE: readonly Phase[] = ['adopting', 'adopted', 'disabled', 'rolling-back'];

/** Stops the predecessor, reversibly. `in-use` stopped nothing. Only an adopted rotation may ask. */
export async function disablePredecessor(
  ports: TargetPorts,
  credential: Credential,
  token: string,
): Promise<{ readonly state: 'disabled' | 'in-use' | 'not-supported' }> {
  const rotator = ports.rotatorFor(credential.kind);
  if (!rotator.capabilities.reversibleDisable) {
    predecessorIn((await readRotation(ports.ledger, credential.name, token)).body, MAY_DISABLE);
    return { state: 'not-supported' };
  }
  const state = await withRotation(ports, credential, token, (rotation) => {
    const predecessor = predecessorIn(rotation, MAY_DISABLE);
    return auditedEffect(
      ports,
      auditSubject(ports, rotation, 'disable', predecessor),
      () => rotator.disable(rotatorRequest(ports, credential, rotation), predecessor),
      (answer) =>
        answer === 'disabled' ? { outcome: 'done' } : { outcome: 'refused', note: 'it is in use' },
    );
  });
  return { state };
}

/** Brings the predecessor back: somebody still uses it. */
export async function enablePredecessor(
  ports: TargetPorts,
  credential: Credential,
  token: string,
): Promise<{ readonly state: 'enabled' | 'not-supported' }> {
  const rotator = ports.rotatorFor(credential.kind);
  if (!rotator.capabilities.reversibleDisable) return { state: 'not-supported' };
  await withRotation(ports, credential, token, (rotation) => {
    const predecessor = predecessorIn(rotation, MAY_ENABLE);
    return auditedEffect(ports, auditSubject(ports, rotation, 'enable', predecessor), () =>
      rotator.enable(rotatorRequest(ports, credential, rotation), predecessor),
    );
  });
  return { state: 'enabled' };
}

/** The rotation's predecessor, as long as the rotation is in a phase in which this may be asked at all. */
function predecessorIn(
  { predecessor, phase, token, credential }: Rotation,
  phases: readonly Phase[],
): VersionRef {
  if (phases.includes(phase) && predecessor) return predecessor;
  throw new LockstepError(
    'OUT_OF_ORDER',
    `rotation ${token} of ${credential} is ${phase}; this is done only while ${phases.join(' or ')}`,
  );
}
