import type { AccessAnswers, ReviewDue, ShownApproval } from '../contracts/access-requests.ts';
import type { Approval } from '../core/access/approval.ts';
import { callerKey } from '../core/access/caller.ts';
import { holderPartition } from '../core/access/lease-pointers.ts';
import { remove } from '../core/ports/ledger.ts';
import { reached } from '../core/time.ts';
import type { GrantPorts } from './grant-ports.ts';
import { actingForOf } from './on-record.ts';
import { rightTo, type Asking } from './right.ts';
import { findApproval, isOpenApproval } from './use-approval.ts';

/** So many requests that wait are looked through. */
const LOOK_AT = 500;
/** So many are shown. */
const MOST_SHOWN = 100;

/** Requests that wait for the caller's decision, and the caller's own; and broken glass that waits for its review. */
export async function listApprovals(ports: GrantPorts, asking: Asking): Promise<AccessAnswers['approvals']> {
  // An agent is shown what it asked for the person that it acts for now: whoever speaks through it learns of nobody else.
  const { actingFor } = actingForOf(asking.caller);
  const isOwn = (approval: Approval): boolean => approval.actingFor === actingFor;
  const own = await waiting(ports, holderPartition(callerKey(asking.caller)), isOwn);
  // By the circumstances of each: policy may look at the purpose.
  const mayDecide = ({ leasable, purpose, ttlSeconds }: Approval): boolean =>
    rightTo(ports, asking, 'approve', { name: leasable }, { purpose, ttlSeconds }).allowed;
  const others = asking.caller.is === 'person' ? await waiting(ports, 'open', mayDecide) : [];
  const shown = new Map([...own, ...others].map((approval) => [approval.id, approval]));
  const reviews = asking.caller.is === 'person' ? await reviewsDue(ports, asking) : [];
  return {
    approvals: [...shown.values()].slice(0, MOST_SHOWN).map(asShown),
    ...(reviews.length === 0 ? {} : { reviews }),
  };
}

/** What was taken by breaking the glass, for those who may review it; one's own is not shown. */
async function reviewsDue(ports: GrantPorts, asking: Asking): Promise<readonly ReviewDue[]> {
  const own = callerKey(asking.caller);
  const rows = await ports.ledger.page('lease-review', 'open', { limit: LOOK_AT });
  return rows
    .filter(({ body }) => body.holder !== own && body.actingFor !== own)
    .filter(({ body }) => rightTo(ports, asking, 'approve', { name: body.leasable }).allowed)
    .slice(0, MOST_SHOWN)
    .map(({ id, body: { pageAt: _pageAt, ...body } }) => ({ lease: id, ...body }));
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

/** An approval as people see it: without its digest, and without the roles of those who gave it. */
export const asShown = ({ requestDigest: _digest, approvedBy, ...approval }: Approval): ShownApproval => ({
  ...approval,
  approvedBy: approvedBy.map(({ roles: _roles, ...given }) => given),
});
