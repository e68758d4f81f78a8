import { NO_ACCESS, type LeaseAuthority, type Leasable } from '../core/access/access-inventory.ts';
import { LockstepError } from '../core/errors.ts';
import type { LeasePorts } from './lease-ports.ts';

/** What a command names, as long as this function serves its kind: no function reaches into another's targets. */
export function findLeasable({ inventory, kind }: LeasePorts, name: string): Leasable {
  const { leasables } = inventory.access ?? NO_ACCESS;
  const found = leasables.find((each) => each.name === name);
  if (!found) {
    throw new LockstepError(
      'UNKNOWN_LEASABLE',
      `the inventory of ${inventory.environment} declares nothing of that name that can be leased`,
    );
  }
  if (found.kind === kind) return found;
  throw new LockstepError(
    'NOT_SUPPORTED',
    `leases of ${name} are of kind ${found.kind}; this function makes those of kind ${kind}`,
  );
}

/** The authority that makes them; `undefined` for what needs none stored. */
export function findAuthority(
  { inventory, kind }: LeasePorts,
  { name, authority }: Leasable,
): LeaseAuthority | undefined {
  if (authority === undefined) return undefined;
  const { leaseAuthorities } = inventory.access ?? NO_ACCESS;
  const found = leaseAuthorities.find((each) => each.name === authority);
  if (found?.kind === kind) return found;
  throw new LockstepError(
    'INVENTORY_INVALID',
    `leases of ${name} need the authority ${authority} of kind ${kind}, which the inventory of ${inventory.environment} ` +
      'does not declare; deploy again',
  );
}
