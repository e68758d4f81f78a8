import { accessOf } from '../../lambdas/core/access/access-inventory.ts';
import { leasablePartition } from '../../lambdas/core/access/lease-pointers.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { Ledger } from '../../lambdas/core/ports/ledger.ts';
import type { World } from '../world/open-world.ts';

/**
 * Refuses to run where nothing can be leased any more and leases are not over: they would be live with nobody who ends them,
 * and at a target that knows no moment for it they would stay. On AWS the functions that end them are still there.
 *
 * Throws `INVENTORY_INVALID`.
 */
export async function demandSweeper({
  ledger,
  inventory,
}: Pick<World, 'inventory'> & { readonly ledger: Pick<Ledger, 'list' | 'page'> }): Promise<void> {
  if (accessOf(inventory).leasables.length > 0) return;
  const known = await ledger.list('lease-known', 'leasables');
  const names = [...new Set(known.map(({ body }) => body.leasable))];
  const pages = await Promise.all(
    names.map((name) => ledger.page('lease-index', leasablePartition(name), { limit: 1 })),
  );
  const open = names.filter((_, index) => (pages[index] ?? []).length > 0);
  if (open.length === 0) return;
  throw new LockstepError(
    'INVENTORY_INVALID',
    `lockstep.config.ts declares nothing that can be leased any more, and leases of ${open.slice(0, 10).join(', ')} are not over: ` +
      "nobody would end them. Put leases back, start again, run lockstep revoke-leases all --reason '<why>', and take them out when lockstep leases shows none",
  );
}
