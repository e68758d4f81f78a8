import { accessOf } from '../../lambdas/core/access/access-inventory.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';

/** The kinds of lease that an environment has, each once. None: nothing can be leased, and there is no stack for it. */
export const leaseKindsOf = (inventory: Inventory): readonly string[] => [
  ...new Set(accessOf(inventory).leasables.map(({ kind }) => kind)),
];

/** Whether anything can be leased there. */
export const hasLeases = (inventory: Inventory): boolean => leaseKindsOf(inventory).length > 0;
