import type { Credential } from '../core/credential.ts';
import { isLockstepError } from '../core/errors.ts';
import { findCredential } from '../core/find-credential.ts';
import type { RotatorRequest } from '../core/ports/rotator.ts';
import type { Secret } from '../core/secret.ts';
import { readIfPresent, readVersion } from './read-versions.ts';
import type { TargetPorts } from './target-ports.ts';

/** What a rotator is handed for one credential, with the authority behind a door of its own. */
export function rotatorRequest(
  ports: TargetPorts,
  credential: Credential,
  { token, fence }: { readonly token: string; readonly fence: number },
): RotatorRequest {
  return {
    environment: ports.inventory.environment,
    mark: ports.mark,
    credential,
    token,
    fence,
    withAuthority: (use) => useAuthority(ports, credential, use),
  };
}

/** A credential without an authority changes itself, with its own value. */
export const authorityOf = (ports: TargetPorts, credential: Credential): Credential =>
  credential.authority === undefined ? credential : findCredential(ports.inventory, credential.authority);

/**
 * Tries AWSCURRENT, and, only where the target refuses that login, AWSPENDING: an in-place authority is
 * between install and promotion, or was promoted between our read and our login (its AWSPENDING then sits
 * on the new AWSCURRENT). Any other failure is not about which value was used, and is not tried again.
 */
async function useAuthority<T>(
  ports: TargetPorts,
  credential: Credential,
  use: (value: Secret) => Promise<T>,
): Promise<T> {
  const authority = authorityOf(ports, credential);
  const current = await readVersion(ports, authority);
  try {
    return await use(current.value);
  } catch (error) {
    if (!isLockstepError(error, 'TARGET_REFUSES_LOGIN')) throw error;
    const pending = await readIfPresent(ports, authority, { label: 'AWSPENDING' });
    if (!pending || pending.value.equals(current.value)) throw error;
    return await use(pending.value);
  }
}
