import { auditedEffect } from '../core/audit/audited-effect.ts';
import { childrenOf, type Credential, type Inventory } from '../core/credential.ts';
import { LockstepError } from '../core/errors.ts';
import { recordTransition } from '../core/rotation/record-transition.ts';
import type { Rotation } from '../core/rotation/rotation.ts';
import { instant } from '../core/time.ts';
import { auditSubject } from './audit-subject.ts';
import { readPending } from './read-versions.ts';
import { rotatorRequest } from './rotator-request.ts';
import type { TargetPorts } from './target-ports.ts';
import { assertNotGivenUp, withRotation } from './with-rotation.ts';

/**
 * `setSecret`: makes the target accept the successor.
 *
 * Under the lock of the credential and of every credential that it has authority over: while an authority
 * changes its own login, no child may be in the middle of using it.
 */
export async function installSuccessor(
  ports: TargetPorts,
  credential: Credential,
  rotation: Rotation,
): Promise<void> {
  if (rotation.reached === 'requested') {
    throw new LockstepError(
      'OUT_OF_ORDER',
      `rotation ${rotation.token} of ${credential.name} has no value yet; createSecret comes first`,
    );
  }
  if (rotation.reached === 'installed' || rotation.reached === 'verified') return;

  const successor = await readPending(ports, credential, rotation.token);
  const rotator = ports.rotatorFor(credential.kind);
  await withRotation(
    ports,
    credential,
    rotation.token,
    async (found, lock) => {
      assertNotGivenUp(found);
      const subject = auditSubject(ports, found, 'install', { version: found.token, key: successor.key });
      await lock.assertHeld();
      await auditedEffect(ports, subject, () =>
        rotator.install(rotatorRequest(ports, credential, found), successor, found.predecessor),
      );
    },
    lockedWith(ports.inventory, credential),
  );
  await recordTransition(ports.ledger, credential.name, rotation.token, {
    type: 'installed',
    at: instant(ports.clock()),
  });
}

/** A credential and its children. */
export const lockedWith = (inventory: Inventory, credential: Credential): readonly string[] => [
  credential.name,
  ...childrenOf(inventory, credential.name).map(({ name }) => name),
];
