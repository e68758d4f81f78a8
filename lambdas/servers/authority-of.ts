import { LockstepError } from '../core/errors.ts';
import type { LeaserRequest } from '../core/ports/leaser.ts';

/** The authority of a request: leases at servers have one, or the inventory would have been refused. */
export function authorityOf({
  authority,
  leasable,
}: Pick<LeaserRequest, 'authority' | 'leasable'>): NonNullable<LeaserRequest['authority']> {
  if (authority) return authority;
  throw new LockstepError(
    'INVENTORY_INVALID',
    `leases of ${leasable.name} are made by an authority, and none is declared; deploy again`,
  );
}
