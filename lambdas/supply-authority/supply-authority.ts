import { accessOf, type LeaseAuthority } from '../core/access/access-inventory.ts';
import { secretName, type Inventory } from '../core/credential.ts';
import { LockstepError } from '../core/errors.ts';
import type { LeaseFunctions } from '../core/ports/lease-functions.ts';
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
 * `proveSupply`; the label leaves a value that an attempt before has left.
 *
 * Repeats with the same version and value. Errors: `UNKNOWN_CREDENTIAL` no such authority; those of the vault.
 */
export async function putSupply(
  { inventory, vault }: SupplyPorts,
  authority: string,
  version: string,
  value: Secret,
): Promise<PutSupply> {
  const secret = secretName(inventory.environment, findAuthority(inventory, authority).name);
  const { versions } = await vault.describe(secret);
  if (labelled(versions, 'AWSCURRENT') === undefined) {
    await vault.putFirst(secret, version, value);
    return { is: 'current' };
  }
  await vault.putPending(secret, version, value);
  return { is: labelled(versions, 'AWSCURRENT') === version ? 'current' : 'pending' };
}

/** What proving one needs besides: whoever can log in with it. */
export interface ProvePorts extends SupplyPorts {
  readonly leases: LeaseFunctions;
}

/** A value that works, and is the one that leases are made by. */
export interface ProvedSupply {
  readonly version: string;
}

/**
 * Has the value that waits proved by the lease function of its kind, and makes it the one that leases are made by; where
 * none waits, the current one is proved. A repeat changes nothing.
 *
 * Errors: `UNKNOWN_CREDENTIAL` no such authority; `COMMAND_INVALID` no lease is made by it; `NOT_ADOPTED` it has no value;
 * those of the lease function, and the value in use stays what it was; those of the vault.
 */
export async function proveSupply(
  { inventory, vault, leases }: ProvePorts,
  authority: string,
): Promise<ProvedSupply> {
  const declared = findAuthority(inventory, authority);
  const leasable = leasableOf(inventory, declared);
  const secret = secretName(inventory.environment, declared.name);
  const { versions } = await vault.describe(secret);
  const current = labelled(versions, 'AWSCURRENT');
  const version = labelled(versions, 'AWSPENDING') ?? current;
  if (version === undefined)
    throw new LockstepError(
      'NOT_ADOPTED',
      `the lease authority ${declared.name} has no value to prove; give it one: lockstep supply ${declared.name}`,
    );
  await leases.call(declared.kind, { do: 'prove-authority', leasable, version });
  if (current !== version && current !== undefined)
    await vault.moveCurrent(secret, { to: version, from: current });
  // Last: a crash before it leaves a label that says nothing any more, and a repeat takes it off.
  await vault.removePending(secret, version);
  return { version };
}

/** The lease authority of that name. Throws `UNKNOWN_CREDENTIAL`. */
export function findAuthority(inventory: Inventory, name: string): LeaseAuthority {
  const { leaseAuthorities } = accessOf(inventory);
  const found = leaseAuthorities.find((each) => each.name === name);
  if (found) return found;
  const known = leaseAuthorities.map((each) => each.name).join(', ');
  throw new LockstepError(
    'UNKNOWN_CREDENTIAL',
    `the inventory of ${inventory.environment} declares no lease authority of that name; it has ${known || 'none'}`,
  );
}

/** Anything that is leased by it: a command names what it is about, and its function looks the authority up. */
function leasableOf(inventory: Inventory, { name }: LeaseAuthority): string {
  const found = accessOf(inventory).leasables.find(({ authority }) => authority === name);
  if (found) return found.name;
  throw new LockstepError('COMMAND_INVALID', `nothing is leased by ${name}: declare a lease of it first`);
}

const labelled = (versions: Readonly<Record<string, readonly string[]>>, label: string): string | undefined =>
  Object.entries(versions).find(([, labels]) => labels.includes(label))?.[0];
