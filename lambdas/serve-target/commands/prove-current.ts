import type { Credential } from '../../core/credential.ts';
import { isLockstepError } from '../../core/errors.ts';
import { readHeld } from '../read-versions.ts';
import { rotatorRequest } from '../rotator-request.ts';
import type { TargetPorts } from '../target-ports.ts';

/** Logs in with AWSCURRENT, or with the version given. A refusal is an answer; an unreachable target is an error. */
export async function proveCurrent(
  ports: TargetPorts,
  credential: Credential,
  version: string | undefined,
): Promise<{ readonly works: boolean }> {
  const held = await readHeld(ports, credential, version === undefined ? {} : { version });
  const rotator = ports.rotatorFor(credential.kind);
  rotator.checkFirst(credential, held.value);
  try {
    await rotator.verify(rotatorRequest(ports, credential, { token: held.version, fence: 0 }), held);
    return { works: true };
  } catch (error) {
    if (isLockstepError(error, 'SUCCESSOR_REJECTED', 'TARGET_REFUSES_LOGIN')) return { works: false };
    throw error;
  }
}
