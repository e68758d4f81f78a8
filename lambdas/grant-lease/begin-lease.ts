import { callerKey } from '../core/access/caller.ts';
import { newLeaseId } from '../core/access/lease-id.ts';
import { duePlace, indexPlaces, point, shareOf } from '../core/access/lease-pointers.ts';
import type { Lease } from '../core/access/lease.ts';
import { isLockstepError, LockstepError } from '../core/errors.ts';
import type { LockstepEvent } from '../core/events.ts';
import type { Right } from '../core/policy/effective-right.ts';
import { create, replace, type LedgerRow, type LedgerWrite } from '../core/ports/ledger.ts';
import { instant, reached, secondsAfter } from '../core/time.ts';
import { approvalUsedWrites } from './ask-approval.ts';
import { breakGlassWrites, glassPage } from './break-glass.ts';
import type { GrantPorts } from './grant-ports.ts';
import { passGates, type Passed } from './pass-gates.ts';
import { refuseRepeated } from './refuse-repeated.ts';
import type { Asking } from './right.ts';
import { standAside } from './stand-aside.ts';
import { refused } from './use-approval.ts';
import type { Wish } from './wish.ts';

/** What was decided about a wish. */
export interface Grant {
  readonly right: Right;
  readonly approval?: LedgerRow<'approval'>;
  readonly breakGlass?: string;
}

/** How long a lease may be in the making until somebody ends whatever has become of it. */
export const PATIENCE_SECONDS = 60;

/** How long a request id is remembered. */
const ASK_KEPT_SECONDS = 7 * 86_400;

/** Whoever finds a row written by another asks again: one of those at work wins each time. */
const ATTEMPTS = 8;

/**
 * Writes a lease down, in one commit with everything that has to hold for it, before anything is made. Throws
 * `LEASE_LIMIT` with the time to come back, `ALREADY_HANDED_OVER` and `LEASE_OVER` for a request that was made before,
 * `APPROVAL_REFUSED` for an approval that has been used.
 */
export async function beginLease(
  ports: GrantPorts,
  asking: Asking,
  wish: Wish,
  grant: Grant,
): Promise<LedgerRow<'lease'>> {
  const tried = new Map<string, Lease>();
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const asked = await ports.ledger.read('lease-ask', shareOf(wish), wish.requestId);
    // A commit whose answer was lost comes back as a conflict with itself.
    const own = tried.get(asked?.body.lease ?? '');
    if (own) return begun(ports, own, grant);
    if (asked?.body.lease !== undefined) await refuseRepeated(ports, asked.body.lease);
    const passed = await unlessConflict(passGates(ports, wish));
    if (passed) {
      const lease = leaseOf(ports, asking, wish, grant, passed);
      const writes = [...beginWrites(lease, asked, passed), ...(await approvalWrites(ports, grant, lease))];
      const events: readonly LockstepEvent[] =
        grant.breakGlass === undefined ? [] : [glassPage(ports, lease)];
      if (await isCommitted(ports, writes, events)) return begun(ports, lease, grant);
      tried.set(lease.id, lease);
    }
    await standAside(ports, attempt);
  }
  throw new LockstepError(
    'LEASE_LIMIT',
    `${wish.leasable}: others were first ${ATTEMPTS} times in a row; ask again`,
    { retryAfterSeconds: 1 },
  );
}

function begun({ metrics }: GrantPorts, lease: Lease, { approval }: Grant): LedgerRow<'lease'> {
  if (approval) metrics.count('lockstep_approvals', { outcome: 'used' });
  return { family: 'lease', credential: lease.id, id: 'lease', revision: 1, body: lease };
}

function leaseOf(
  ports: GrantPorts,
  { caller }: Asking,
  { what, ttlSeconds, ...wish }: Wish,
  { right: { policies }, approval, breakGlass }: Grant,
  passed: Passed,
): Lease {
  const at = instant(ports.clock());
  const expiresAt = secondsAfter(at, ttlSeconds);
  // People agreed to this time, or nobody was asked: neither is said of the hours that renewals would add. Some kinds have none.
  const isRenewable = ports.capabilitiesOf(what.kind)?.renewable === true;
  const isForItsTime = approval !== undefined || breakGlass !== undefined || !isRenewable;
  return {
    id: newLeaseId(ports.mark, ports.randomBytes),
    leasable: what.name,
    kind: what.kind,
    tier: what.tier,
    target: what.authority ?? what.kind,
    phase: 'issuing',
    holder: callerKey(caller),
    principal: caller.principal,
    ...(wish.actingFor === undefined ? {} : { actingFor: wish.actingFor }),
    purpose: wish.purpose,
    requestId: wish.requestId,
    gates: passed.gates,
    ...(approval === undefined ? {} : { approval: approval.credential }),
    ...(breakGlass === undefined ? {} : { breakGlass: { reason: breakGlass } }),
    policies,
    issuedAt: at,
    dueAt: secondsAfter(at, Math.min(PATIENCE_SECONDS, ttlSeconds)),
    expiresAt,
    longestUntil: isForItsTime ? expiresAt : secondsAfter(at, Math.max(ttlSeconds, what.ttl.longestSeconds)),
    renewals: 0,
    failedEnds: 0,
    fence: 1,
  };
}

function beginWrites(
  lease: Lease,
  asked: LedgerRow<'lease-ask'> | undefined,
  { writes }: Passed,
): readonly LedgerWrite[] {
  const ask = { ...asked?.body, lease: lease.id, at: lease.issuedAt };
  const kept = secondsAfter(lease.longestUntil, ASK_KEPT_SECONDS);
  return [
    create('lease', lease.id, 'lease', lease),
    ...[duePlace(lease), ...indexPlaces(lease)].map((place) => point(place, lease.id)),
    ...writes,
    asked ? replace(asked, ask, kept) : create('lease-ask', shareOf(lease), lease.requestId, ask, kept),
    ...(lease.breakGlass ? breakGlassWrites(lease) : []),
  ];
}

/** Uses an approval, where nobody has yet. Read again: people may have gone on approving, or have thought better of it. */
async function approvalWrites(
  ports: GrantPorts,
  { approval }: Grant,
  lease: Lease,
): Promise<readonly LedgerWrite[]> {
  if (!approval) return [];
  const now = await ports.ledger.read('approval', approval.credential, approval.id);
  if (!now || now.body.usedFor !== undefined) throw refused('has been used; it is good for one lease');
  if (now.body.denied) throw refused(`was denied by ${now.body.denied.person}: ${now.body.denied.reason}`);
  if (reached(now.body.expiresAt, ports.clock())) throw refused(`expired at ${now.body.expiresAt}`);
  return approvalUsedWrites(now, lease.id);
}

const isCommitted = async (
  { ledger }: GrantPorts,
  writes: readonly LedgerWrite[],
  events: readonly LockstepEvent[],
): Promise<boolean> => (await unlessConflict(ledger.commit(writes, events).then(() => true))) ?? false;

/** What was done, or `undefined` where somebody else was first at a row of it. */
async function unlessConflict<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isLockstepError(error, 'LEDGER_CONFLICT')) return undefined;
    throw error;
  }
}
