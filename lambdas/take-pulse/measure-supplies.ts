import { accessOf, type LeaseAuthority } from '../core/access/access-inventory.ts';
import { supplyAgeOf } from '../core/access/supply-age.ts';
import { secretName, type Inventory } from '../core/credential.ts';
import { isLockstepError } from '../core/errors.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import type { Vault } from '../core/ports/vault.ts';
import type { Clock } from '../core/time.ts';

/** What measuring lease authorities needs from outside. It reads no value. */
export interface SupplyPulsePorts {
  readonly inventory: Inventory;
  readonly vault: Pick<Vault, 'listVersions'>;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/**
 * Answers how many lease authorities have a value that is older than `supplyEvery`. One whose age nobody can tell counts as
 * well, since unknown is not new: without a date, or refused to us. One that the vault does not answer about now is asked
 * about again by whoever asks next: throws.
 */
export async function countOverdueSupplies(ports: SupplyPulsePorts): Promise<number> {
  const { leaseAuthorities } = accessOf(ports.inventory);
  const overdue = await Promise.all(leaseAuthorities.map((authority) => isOverdue(ports, authority)));
  return overdue.filter((each) => each).length;
}

async function isOverdue(
  { inventory, vault, metrics, clock }: SupplyPulsePorts,
  authority: LeaseAuthority,
): Promise<boolean> {
  const { name, supplyEverySeconds } = authority;
  const secret = secretName(inventory.environment, name);
  const versions = await vault.listVersions(secret).catch((error: unknown) => {
    if (isLockstepError(error) && error.remedy !== 'retry') return undefined;
    throw error;
  });
  if (!versions) return true;
  const age = supplyAgeOf(authority, versions, clock());
  if (age.is !== 'known') return age.is === 'unknown';
  metrics.gauge('lockstep_credential_age_ratio', { credential: name }, age.ageSeconds / supplyEverySeconds);
  return age.isOverdue;
}
