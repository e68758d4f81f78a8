import { secretName, type Credential } from '../../core/credential.ts';
import { isLockstepError } from '../../core/errors.ts';
import type { TargetCommands } from '../../core/ports/targets.ts';
import { readIfPresent } from '../read-versions.ts';
import { rotatorRequest } from '../rotator-request.ts';
import type { TargetPorts } from '../target-ports.ts';

/** How a pending version stands at the target. Changes nothing. */
export async function probePending(
  ports: TargetPorts,
  credential: Credential,
  token: string,
): Promise<TargetCommands['probe-pending']['answers']> {
  const { versions } = await ports.vault.describe(secretName(ports.inventory.environment, credential.name));
  if (!versions[token]) return { pending: 'absent' };
  const held = await readIfPresent(ports, credential, { version: token });
  if (!held) return { pending: 'no-value' };
  try {
    await ports
      .rotatorFor(credential.kind)
      .verify(rotatorRequest(ports, credential, { token, fence: 0 }), held);
    return { pending: 'works' };
  } catch (error) {
    if (isLockstepError(error, 'SUCCESSOR_REJECTED', 'TARGET_REFUSES_LOGIN')) return { pending: 'refused' };
    // A target that cannot be asked has said nothing about the value.
    if (isLockstepError(error)) return { pending: 'unknown' };
    throw error;
  }
}
