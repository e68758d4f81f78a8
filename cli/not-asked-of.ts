import { accessOf } from '../lambdas/core/access/access-inventory.ts';
import type { Inventory } from '../lambdas/core/credential.ts';
import { LockstepError } from '../lambdas/core/errors.ts';
import type { PolicyAction } from '../lambdas/core/policy/policy-request.ts';
import { unknownCredential } from './suggest-credential.ts';

/** What a question about policy names, and the names that it could be about. */
interface Meant {
  readonly action: PolicyAction;
  readonly name: string;
  readonly names: readonly string[];
}

/**
 * The error for a name that an action is not for: what stands for it, where it is a credential and leases do; what it is,
 * where the inventory has it; else the name that was probably meant.
 */
export function notAskedOf(inventory: Inventory, { action, name, names }: Meant): LockstepError {
  const { leasables, leaseAuthorities } = accessOf(inventory);
  const standing = leasables.filter(({ standsFor }) => standsFor === name).map((each) => each.name);
  if (standing.length > 0 && inventory.credentials.some((each) => each.name === name))
    return wrong(
      `${action} is for what can be leased, and ${name} is a credential; what stands for it: ${standing.join(', ')}`,
    );
  if (leaseAuthorities.some((each) => each.name === name))
    return wrong(`${name} is a lease authority: people supply it, and there is no order to ${action} it`);
  if (inventory.credentials.some((each) => each.name === name))
    return wrong(`${action} is for what can be leased; ${name} is a credential, and no lease stands for it`);
  if (leasables.some((each) => each.name === name))
    return wrong(`${action} is for credentials; ${name} is something that can be leased`);
  return unknownCredential(name, names);
}

const wrong = (what: string): LockstepError => new LockstepError('COMMAND_INVALID', what);
