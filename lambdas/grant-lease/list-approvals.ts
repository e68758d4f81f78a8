import type { AccessAnswers } from '../contracts/access-requests.ts';
import type { Approval } from '../core/access/approval.ts';
import { callerKey } from '../core/access/caller.ts';
import { holderPartition } from '../core/access/lease-pointers.ts';
import { remove } from '../core/ports/ledger.ts';
import { reached } from '../core/time.ts';
import type { GrantPorts } from './grant-ports.ts';
import { rightTo, type Asking } from './right.ts';
import { findApproval, isOpenApproval } from './use-approval.ts';

/** So many requests that wait are looked through. */
const LOOK_AT = 500;
/** So many are shown. */
const MOST_SHOWN = 100;

/** Requests that wait for the caller's decision, and the caller's own. */
export async function listApprovals(ports: GrantPorts, asking: Asking): Promise<AccessAnswers['approvals']> {
  const own = await waiting(ports, holderPartition(callerKey(asking.caller)), () => true);
  // By the circumstances of each: policy may look at the purpose.
  const mayDecide = ({ leasable, purpose, ttlSeconds }: Approval): boolean =>
    rightTo(ports, asking, 'approve', { name: leasable }, { purpose, ttlSeconds }).allowed;
  const others = asking.caller.is === 'person' ? await waiting(ports, 'open', mayDecide) : [];
  const shown = new Map([...own, ...others].map((approval) => [approval.id, approval]));
  return { approvals: [...shown.values()].slice(0, MOST_SHOWN).map(asShown) };
}

/** What waits in a partition, as far as it is wanted. What nobody decided in time is cleared away on the way. */
async function waiting(
  ports: GrantPorts,
  partition: string,
  isWanted: (approval: Approval) => boolean,
): Promise<readonly Approval[]> {
  const rows = await ports.ledger.page('approval-index', partition, { limit: LOOK_AT });
  const over = rows.filter(({ body }) => reached(body.expiresAt, ports.clock()));
  if (over.length > 0) await ports.ledger.commit(over.slice(0, 50).map(remove)).catch(() => undefined);
  const found: Approval[] = [];
  for (const row of rows) {
    if (over.includes(row) || found.length >= MOST_SHOWN) continue;
    const approval = (await findApproval(ports, row.id))?.body;
    if (approval && isOpenApproval(approval, ports.clock()) && isWanted(approval)) found.push(approval);
  }
  return found;
}

const asShown = ({ requestDigest: _digest, approvedBy, ...approval }: Approval) => ({
  ...approval,
  approvedBy: approvedBy.map(({ roles: _roles, ...given }) => given),
});
