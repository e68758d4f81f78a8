import { accessOf } from '../../../core/access/access-inventory.ts';
import type { Inventory } from '../../../core/credential.ts';
import type { EntityRef } from '../../../core/policy/policy-request.ts';

/** Where the file declares what policy calls a credential or a leasable. */
export function pathOf(inventory: Inventory, { type, id }: EntityRef): string {
  if (type === 'Leasable') return `leases.${id}`;
  const isAuthority = accessOf(inventory).leaseAuthorities.some(({ name }) => name === id);
  return `${isAuthority ? 'leaseAuthorities' : 'credentials'}.${id}`;
}
