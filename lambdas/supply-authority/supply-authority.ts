import { accessOf } from '../core/access/access-inventory.ts';
import { secretName, type Inventory } from '../core/credential.ts';
import { LockstepError } from '../core/errors.ts';
import type { Vault } from '../core/ports/vault.ts';
import type { Secret } from '../core/secret.ts';

/** What supplying needs: the inventory, and the vault under the right of the person who supplies. */
export interface SupplyPorts {
  readonly inventory: Inventory;
  readonly vault: Pick<Vault, 'describe' | 'putFirst' | 'putPending' | 'moveCurrent' | 'removePending'>;
}

/** A value that was put, and whether anything is current beside it. */
export interface PutSupply {
  /** `current`: it is the first one there is, and current already. `pending`: it waits to be proved. */
  readonly is: 'current' | 'pending';
}

/**
 * Puts a new value of a lease authority, under the right of the person who made it. A first value is current at once, as
 * Secrets Manager has it: nothing could lease before. A later one is pending, and the one in use stays current until
 * `makeSupplyCurrent`; a pending value that an attempt before left is given up.
 *
 * Repeats with the same version and value. Errors: `UNKNOWN_CREDENTIAL` no such authority; those of the vault.
 */
export async function putSupply(
  { inventory, vault }: SupplyPorts,
  authority: string,
  version: string,
  value: Secret,
): Promise<PutSupply> {
  const secret = secretOf(inventory, authority);
  const { versions } = await vault.describe(secret);
  if (labelled(versions, 'AWSCURRENT') === undefined) {
    await vault.putFirst(secret, version, value);
    return { is: 'current' };
  }
  const left = labelled(versions, 'AWSPENDING');
  if (left !== undefined && left !== version) await vault.removePending(secret, left);
  await vault.putPending(secret, version, value);
  return { is: labelled(versions, 'AWSCURRENT') === version ? 'current' : 'pending' };
}

/** Makes a proved value the one that leases are made by. A repeat changes nothing. Errors as above; `UNKNOWN_VERSION`. */
export async function makeSupplyCurrent(
  { inventory, vault }: SupplyPorts,
  authority: string,
  version: string,
): Promise<void> {
  const secret = secretOf(inventory, authority);
  const { versions } = await vault.describe(secret);
  if (!Object.hasOwn(versions, version))
    throw new LockstepError(
      'UNKNOWN_VERSION',
      `the vault holds no version ${version} of ${authority}; supply it again: lockstep supply ${authority}`,
    );
  const current = labelled(versions, 'AWSCURRENT');
  if (current !== version && current !== undefined)
    await vault.moveCurrent(secret, { to: version, from: current });
  // Last: a crash before it leaves a label that says nothing any more, and the next attempt takes it off.
  await vault.removePending(secret, version);
}

function secretOf(inventory: Inventory, authority: string): string {
  if (accessOf(inventory).leaseAuthorities.some(({ name }) => name === authority))
    return secretName(inventory.environment, authority);
  throw new LockstepError(
    'UNKNOWN_CREDENTIAL',
    `the inventory of ${inventory.environment} declares no lease authority of that name`,
  );
}

const labelled = (versions: Readonly<Record<string, readonly string[]>>, label: string): string | undefined =>
  Object.entries(versions).find(([, labels]) => labels.includes(label))?.[0];
