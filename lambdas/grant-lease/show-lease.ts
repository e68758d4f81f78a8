import type { AccessAnswers } from '../contracts/access-requests.ts';
import { accessOf } from '../core/access/access-inventory.ts';
import { callerKey } from '../core/access/caller.ts';
import { viewOf } from '../core/access/lease-view.ts';
import type { Lease, LeaseDetail } from '../core/access/lease.ts';
import { findLease } from './find-lease.ts';
import type { GrantPorts } from './grant-ports.ts';
import { asShown } from './list-approvals.ts';
import { rightTo, type Asking } from './right.ts';
import { findApproval } from './use-approval.ts';

/**
 * One lease in full, over or not, as long as the ledger has it: to its holder, to whom it is held for, and to whoever policy
 * lets revoke it. One who may not see it is shown none, as if there were none.
 */
export async function showLease(
  ports: GrantPorts,
  asking: Asking,
  id: string,
): Promise<AccessAnswers['leases']> {
  const { row, named, isHolder } = await findLease(ports, asking.caller, id);
  // Asked for everybody, so that an answer does not come sooner where there is none.
  const concerned = named.isDeclared ? [named.leasable] : accessOf(ports.inventory).leasables;
  const mayRevoke =
    concerned.length > 0 && concerned.every((leasable) => rightTo(ports, asking, 'revoke', leasable).allowed);
  if (!row || !(isHolder || isHeldFor(row.body, asking) || mayRevoke)) return { leases: [] };
  const approval = row.body.approval === undefined ? undefined : await findApproval(ports, row.body.approval);
  return {
    leases: [viewOf(row.body)],
    detail: { ...detailOf(row.body), ...(approval ? { approval: asShown(approval.body) } : {}) },
  };
}

const isHeldFor = ({ actingFor }: Lease, { caller }: Asking): boolean =>
  caller.is === 'person' && actingFor === callerKey(caller);

const detailOf = ({ tier, target, principal, requestId, policies, key, lastError }: Lease): LeaseDetail => ({
  tier,
  target,
  principal,
  requestId,
  policies,
  ...(key === undefined ? {} : { key }),
  ...(lastError === undefined ? {} : { lastError }),
});
