import { auditedEffect } from '../core/audit/audited-effect.ts';
import type { Credential } from '../core/credential.ts';
import type { RotatorRequest } from '../core/ports/rotator.ts';
import type { Rotation } from '../core/rotation/rotation.ts';
import { auditSubject } from './audit-subject.ts';
import type { TargetPorts } from './target-ports.ts';

/**
 * Ends every key at the target that carries this rotation's token, except the one whose value the vault
 * holds. Those are our own lost attempts: minted, and then the process died or the answer was lost, so
 * nobody ever held their values.
 *
 * @param keep the key in the stored value; `undefined` ends them all (an abandoned rotation)
 */
export async function reapOrphans(
  ports: TargetPorts,
  credential: Credential,
  rotation: Rotation,
  request: RotatorRequest,
  keep: string | undefined,
): Promise<readonly string[]> {
  const rotator = ports.rotatorFor(credential.kind);
  const ours = await rotator.listOurs(request);
  const orphans = ours.filter(({ token, key }) => token === rotation.token && key !== keep);
  for (const { key } of orphans) {
    await auditedEffect(ports, auditSubject(ports, rotation, 'reap', { key }), () =>
      rotator.revoke(request, { version: rotation.token, key }),
    );
  }
  return orphans.map(({ key }) => key);
}
