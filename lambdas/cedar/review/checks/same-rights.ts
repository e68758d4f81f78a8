import type { Problem } from '../../../contracts/inventory/problem.ts';
import { leaserKind } from '../../../contracts/kinds.ts';
import { accessOf, type Leasable } from '../../../core/access/access-inventory.ts';
import type { Inventory } from '../../../core/credential.ts';
import type { LeasableWithAuthority } from '../../../core/kind.ts';
import type { ReviewCheck } from './review.ts';

/** Four eyes that another name gets past are none: what gives all that something of tier 0 gives is of tier 0 as well. */
export const checkSameRights: ReviewCheck = ({ inventory }) => {
  const { leasables } = accessOf(inventory);
  const guarded = leasables.filter(({ tier }) => tier === 0);
  return leasables
    .filter(({ tier }) => tier !== 0)
    .flatMap((leasable) => {
      const same = guarded.filter((other) => includes(inventory, leasable, other)).map(({ name }) => name);
      return same.length === 0 ? [] : [unguarded(leasable, same)];
    });
};

function includes(inventory: Inventory, leasable: Leasable, other: Leasable): boolean {
  if (leasable.kind !== other.kind) return false;
  const kind = leaserKind(leasable.kind);
  return kind?.includes(withAuthority(inventory, leasable), withAuthority(inventory, other)) ?? false;
}

const withAuthority = (inventory: Inventory, leasable: Leasable): LeasableWithAuthority => ({
  leasable,
  authority: accessOf(inventory).leaseAuthorities.find(({ name }) => name === leasable.authority),
});

const unguarded = ({ name, tier }: Leasable, same: readonly string[]): Problem => ({
  path: `leases.${name}`,
  found: `tier ${tier}, and it gives everything that ${same.join(' and ')} of tier 0 ${same.length === 1 ? 'gives' : 'give'}`,
  allowed: 'tier 0, or fewer rights: whoever may lease it gets past what guards tier 0',
  mend: 'declare tier 0, or take away from its target what only tier 0 should give',
});
