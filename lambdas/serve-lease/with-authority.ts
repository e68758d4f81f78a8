import type { LeaseAuthority } from '../core/access/access-inventory.ts';
import { secretName } from '../core/credential.ts';
import { isLockstepError, LockstepError } from '../core/errors.ts';
import type { LeaserRequest } from '../core/ports/leaser.ts';
import type { VersionSelector } from '../core/ports/vault.ts';
import type { Secret } from '../core/secret.ts';
import type { LeasePorts } from './lease-ports.ts';

/**
 * Does something at the target by the authority's AWSCURRENT, and, only where the target refuses that login, by its
 * AWSPENDING: a person who supplies a new value has it set at the target before the label moves.
 */
export async function withAuthority<T>(
  ports: LeasePorts,
  declared: LeaseAuthority | undefined,
  use: (authority: Pick<LeaserRequest, 'authority'>) => Promise<T>,
): Promise<T> {
  if (declared === undefined) return use({});
  const current = await readAuthority(ports, declared);
  try {
    return await use({ authority: { declared, value: current } });
  } catch (error) {
    if (!isLockstepError(error, 'TARGET_REFUSES_LOGIN')) throw error;
    const pending = await readAuthority(ports, declared, { label: 'AWSPENDING' }).catch(() => undefined);
    if (!pending || pending.equals(current)) throw error;
    return await use({ authority: { declared, value: pending } });
  }
}

/** A value of the authority, refused where it is not one. */
export async function readAuthority(
  ports: LeasePorts,
  declared: LeaseAuthority,
  selector: VersionSelector = {},
): Promise<Secret> {
  const { inventory, vault, metrics, clock, functionName: reader, leaser } = ports;
  const startedAt = clock().getTime();
  const { value } = await vault
    .read(secretName(inventory.environment, declared.name), selector)
    .catch((error: unknown) => {
      throw isLockstepError(error, 'UNKNOWN_VERSION') ? notSupplied(declared, selector) : error;
    });
  metrics.observe('lockstep_vault_read_milliseconds', { reader }, clock().getTime() - startedAt);
  leaser.checkAuthority(declared, value);
  return value;
}

const notSupplied = ({ name }: LeaseAuthority, { version, label }: VersionSelector): LockstepError =>
  new LockstepError(
    'NOT_ADOPTED',
    `the lease authority ${name} has no value${version === undefined ? '' : ` in that version`}` +
      `${label === undefined ? '' : ` with ${label}`} yet; its owner runs: lockstep supply ${name}`,
  );
