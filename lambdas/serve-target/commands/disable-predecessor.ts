import { auditedEffect } from '../../core/audit/audited-effect.ts';
import type { Credential } from '../../core/credential.ts';
import { LockstepError } from '../../core/errors.ts';
import { withLease } from '../../core/lease/credential-lease.ts';
import { readRotation } from '../../core/rotation/record-transition.ts';
import type { Phase, Rotation, VersionRef } from '../../core/rotation/rotation.ts';
import { auditSubject } from '../audit-subject.ts';
import { rotatorRequest } from '../rotator-request.ts';
import type { TargetPorts } from '../target-ports.ts';

/** Stops the predecessor, reversibly. `in-use` stopped nothing. Only an adopted rotation may ask. */
export async function disablePredecessor(
  ports: TargetPorts,
  credential: Credential,
  token: string,
): Promise<{ readonly state: 'disabled' | 'in-use' | 'not-supported' }> {
  const { rotation, predecessor } = await rotationIn(ports, credential, token, ['adopted', 'disabled']);
  const rotator = ports.rotatorFor(credential.kind);
  if (!rotator.capabilities.reversibleDisable) return { state: 'not-supported' };

  const holder = { holder: ports.newId(), seconds: ports.leaseSeconds };
  const state = await withLease(ports.ledger, ports.clock, [credential.name], holder, () =>
    auditedEffect(
      ports,
      auditSubject(ports, rotation, 'disable', predecessor),
      () => rotator.disable(rotatorRequest(ports, credential, rotation), predecessor),
      (answer) =>
        answer === 'disabled' ? { outcome: 'done' } : { outcome: 'refused', note: 'it is in use' },
    ),
  );
  return { state };
}

/** Brings the predecessor back: somebody still uses it. */
export async function enablePredecessor(
  ports: TargetPorts,
  credential: Credential,
  token: string,
): Promise<{ readonly state: 'enabled' | 'not-supported' }> {
  const { rotation, predecessor } = await rotationIn(ports, credential, token, [
    'adopting',
    'adopted',
    'disabled',
    'rolling-back',
  ]);
  const rotator = ports.rotatorFor(credential.kind);
  if (!rotator.capabilities.reversibleDisable) return { state: 'not-supported' };

  const holder = { holder: ports.newId(), seconds: ports.leaseSeconds };
  await withLease(ports.ledger, ports.clock, [credential.name], holder, () =>
    auditedEffect(ports, auditSubject(ports, rotation, 'enable', predecessor), () =>
      rotator.enable(rotatorRequest(ports, credential, rotation), predecessor),
    ),
  );
  return { state: 'enabled' };
}

/** The rotation and its predecessor, as long as it is in a phase in which this may be asked at all. */
async function rotationIn(
  ports: TargetPorts,
  credential: Credential,
  token: string,
  phases: readonly Phase[],
): Promise<{ readonly rotation: Rotation; readonly predecessor: VersionRef }> {
  const { body: rotation } = await readRotation(ports.ledger, credential.name, token);
  if (phases.includes(rotation.phase) && rotation.predecessor)
    return { rotation, predecessor: rotation.predecessor };
  throw new LockstepError(
    'OUT_OF_ORDER',
    `rotation ${token} of ${credential.name} is ${rotation.phase}; this is done only while ${phases.join(' or ')}`,
  );
}
