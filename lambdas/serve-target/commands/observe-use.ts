import type { Credential } from '../../core/credential.ts';
import { LockstepError } from '../../core/errors.ts';
import type { Observation } from '../../core/ports/rotator.ts';
import { readRotation } from '../../core/rotation/record-transition.ts';
import type { Rotation, VersionRef } from '../../core/rotation/rotation.ts';
import { rotatorRequest } from '../rotator-request.ts';
import type { TargetPorts } from '../target-ports.ts';

/** Asks the target who uses which of a rotation's two versions. */
export async function observeUse(
  ports: TargetPorts,
  credential: Credential,
  token: string,
): Promise<Observation | { readonly unsupported: true }> {
  const rotator = ports.rotatorFor(credential.kind);
  if (rotator.capabilities.evidence === 'none') return { unsupported: true };
  const { body: rotation } = await readRotation(ports.ledger, credential.name, token);
  return rotator.observe(
    rotatorRequest(ports, credential, rotation),
    bothVersions(rotation),
    rotation.dependents,
  );
}

/** Both versions of a rotation that has issued its successor. */
export function bothVersions(rotation: Rotation): {
  readonly successor: VersionRef;
  readonly predecessor: VersionRef;
} {
  const { successor, predecessor } = rotation;
  if (successor && predecessor) return { successor, predecessor };
  throw new LockstepError(
    'OUT_OF_ORDER',
    `rotation ${rotation.token} of ${rotation.credential} has no successor yet`,
  );
}
