import type { Credential } from '../../core/credential.ts';
import { LockstepError } from '../../core/errors.ts';
import type { TargetCommands } from '../../core/ports/targets.ts';
import { create } from '../../core/ports/ledger.ts';
import { readRotation } from '../../core/rotation/record-transition.ts';
import { instant } from '../../core/time.ts';
import { expectationOf } from '../expectation.ts';
import { readHeld } from '../read-versions.ts';
import type { TargetPorts } from '../target-ports.ts';

/**
 * Writes what is expected of dependents, with new nonces, for a version of this rotation. Written once: an
 * expectation that exists is left as it is, so a repeat invalidates no nonce that is on its way.
 */
export async function expectDependents(
  ports: TargetPorts,
  credential: Credential,
  asked: TargetCommands['expect']['asks'],
): Promise<{ readonly id: string }> {
  const { body: rotation } = await readRotation(ports.ledger, credential.name, asked.rotation);
  if (asked.version !== rotation.successor?.version && asked.version !== rotation.predecessor?.version) {
    throw new LockstepError(
      'UNKNOWN_VERSION',
      `version ${asked.version} is neither of the two of rotation ${rotation.token}`,
    );
  }
  if (!asked.id.startsWith(`${rotation.token}#`)) {
    throw new LockstepError(
      'MALFORMED_REQUEST',
      `an expectation of rotation ${rotation.token} is named after it`,
    );
  }
  if (await ports.ledger.read('expectation', credential.name, asked.id)) return { id: asked.id };

  const held = await readHeld(ports, credential, { version: asked.version });
  const dependents = rotation.dependents.filter(({ name }) => asked.dependents.includes(name));
  const at = instant(ports.clock());
  const body = expectationOf(ports, { rotation, held, change: asked.change, dependents, at });
  await ports.ledger
    .commit([create('expectation', credential.name, asked.id, body)])
    .catch(async (error: unknown) => {
      // Two of us wrote it: the first one counts, for both.
      if (!(await ports.ledger.read('expectation', credential.name, asked.id))) throw error;
    });
  return { id: asked.id };
}
