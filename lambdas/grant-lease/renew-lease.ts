import type { AccessAnswers, AccessAsks } from '../contracts/access-requests.ts';
import { accessOf, type Leasable } from '../core/access/access-inventory.ts';
import { assertRenewable } from '../core/access/assert-renewable.ts';
import { fittingTtl } from '../core/access/fitting-ttl.ts';
import { duePlace, point, unpoint } from '../core/access/lease-pointers.ts';
import { viewOf } from '../core/access/lease-view.ts';
import type { Lease } from '../core/access/lease.ts';
import { purposesOf } from '../core/access/purposes.ts';
import { tellToEnd } from '../core/access/tell-to-end.ts';
import { auditedEffect } from '../core/audit/audited-effect.ts';
import { isLockstepError, LockstepError } from '../core/errors.ts';
import { replace, type LedgerRow } from '../core/ports/ledger.ts';
import { earliest, instant, latest, reached, secondsAfter } from '../core/time.ts';
import { assertDeclared } from './find-leasable.ts';
import { findLease, mayRevoke, ofHolder } from './find-lease.ts';
import type { GrantPorts } from './grant-ports.ts';
import { setTimer } from './hand-over.ts';
import { actingForOf, actorOf, decidedBy, type Decision } from './on-record.ts';
import { orRefuse, type Decided } from './refusals.ts';
import { rightTo, type Asking } from './right.ts';

/** A lease that somebody else changes meanwhile is read again so often. */
const ATTEMPTS = 5;

/**
 * Moves the end of a lease, for its holder, decided anew by policy.
 *
 * The ledger first, then the target: where the target fails the lease ends there sooner than the ledger says, never
 * later. Throws `LEASE_OVER`, `NOT_SUPPORTED`, `APPROVAL_REFUSED` for one that people agreed to, or that was taken by
 * breaking the glass, `TTL_REFUSED`, `PURPOSE_REFUSED`, `POLICY_DENIED`.
 */
export async function renewLease(
  ports: GrantPorts,
  asking: Asking,
  ask: AccessAsks['renew'],
): Promise<AccessAnswers['renew']> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const found = await findLease(ports, asking.caller, ask.lease);
    const about = {
      action: 'renew-lease' as const,
      named: found.named,
      ...(found.row ? { asked: { lease: found.row.body.id } } : {}),
      ...(found.isHolder || mayRevoke(ports, asking, found) ? { isInsider: true } : {}),
    };
    const renewed = await orRefuse(ports, asking, about, async (decided) => {
      const row = await ofHolder(ports, asking, found);
      assertDeclared(found.named);
      return renewOnce(ports, asking, found.named.leasable, row, ask.ttlSeconds, decided);
    });
    if (renewed) return { lease: viewOf(renewed) };
  }
  throw new LockstepError(
    'LEDGER_CONFLICT',
    `lease ${ask.lease} was changed by others ${ATTEMPTS} times in a row; try again`,
  );
}

async function renewOnce(
  ports: GrantPorts,
  asking: Asking,
  leasable: Leasable,
  row: LedgerRow<'lease'>,
  ttlSeconds: number | undefined,
  decided: Decided,
): Promise<Lease | undefined> {
  const lease = row.body;
  assertLive(ports, lease);
  const seconds = fittingTtl(leasable, ports.capabilitiesOf(lease.kind), ttlSeconds);
  const right = decide(ports, asking, leasable, lease, seconds, decided);
  // Never made shorter. What needs no moving in the ledger is told to the target again: a renewal before may have failed there.
  const until = latest(
    lease.expiresAt,
    earliest(secondsAfter(instant(ports.clock()), seconds), lease.longestUntil),
  );
  const after: Lease = {
    ...lease,
    expiresAt: until,
    dueAt: until,
    renewals: lease.renewals + 1,
    fence: lease.fence + 1,
  };
  if (!(await isWritten(ports, row, after))) return undefined;
  return moveAtTarget(ports, asking, after, { right, ttlSeconds: seconds });
}

function assertLive(
  { clock, capabilitiesOf }: GrantPorts,
  { id, phase, expiresAt, kind, end, approval, breakGlass }: Lease,
): void {
  if (phase !== 'live' || reached(expiresAt, clock()))
    throw new LockstepError(
      'LEASE_OVER',
      `lease ${id} is over (${end?.why ?? 'expired'}); ask for a new one`,
    );
  assertRenewable({
    lease: `lease ${id}`,
    kind,
    isRenewable: capabilitiesOf(kind)?.renewable === true,
    ...(breakGlass !== undefined ? { word: 'glass' } : approval !== undefined ? { word: 'approved' } : {}),
    until: expiresAt,
  });
}

/** By policy of now, for what it was issued for. Without a word of others: what needed that is not renewed. */
function decide(
  ports: GrantPorts,
  asking: Asking,
  leasable: Leasable,
  { id, purpose }: Lease,
  ttlSeconds: number,
  decided: Decided,
): Decision {
  // By the inventory and the session of now: more time for what its holder could not ask for now would widen the session.
  const purposes = purposesOf(accessOf(ports.inventory), asking.caller);
  if (!purposes.includes(purpose) || !leasable.purposes.includes(purpose))
    throw new LockstepError(
      'PURPOSE_REFUSED',
      `lease ${id} of ${leasable.name} is for ${purpose}, which its holder may not state for it any more; it ends when it was to end`,
    );
  const right = rightTo(ports, asking, 'renew', leasable, { purpose, ttlSeconds });
  decided(right);
  if (right.allowed) return right;
  throw new LockstepError(
    'POLICY_DENIED',
    `no policy lets its holder renew lease ${id} of ${leasable.name} any more; it ends when it was to end`,
  );
}

async function isWritten({ ledger }: GrantPorts, row: LedgerRow<'lease'>, after: Lease): Promise<boolean> {
  const isSameMinute = duePlace(row.body).partition === duePlace(after).partition;
  const pointers = isSameMinute ? [] : [unpoint(duePlace(row.body)), point(duePlace(after), after.id)];
  try {
    await ledger.commit([replace(row, after), ...pointers]);
    return true;
  } catch (error) {
    if (isLockstepError(error, 'LEDGER_CONFLICT')) return false;
    throw error;
  }
}

async function moveAtTarget(
  ports: GrantPorts,
  asking: Asking,
  lease: Lease,
  { right, ttlSeconds }: { readonly right: Decision; readonly ttlSeconds: number },
): Promise<Lease | undefined> {
  const { id, leasable, kind, fence, expiresAt, purpose } = lease;
  const subject = {
    chain: leasable,
    action: 'renew-lease',
    who: actorOf(ports, asking),
    what: {
      credential: leasable,
      lease: id,
      ...actingForOf(asking.caller),
      ttlSeconds: String(ttlSeconds),
      until: expiresAt,
    },
    why: { cause: 'lease', purpose, ...decidedBy(ports, [right]) },
  } as const;
  await setTimer(ports, lease);
  try {
    await auditedEffect(ports, subject, () =>
      ports.leases.call(kind, { do: 'renew', leasable, lease: id, fence, expiresAt }),
    );
  } catch (error) {
    // Somebody changed it at the target since: renewed again, or ended. The ledger says which.
    if (isLockstepError(error, 'FENCED_OFF')) return undefined;
    if (isLockstepError(error, 'LEASE_OVER'))
      await tellToEnd(ports, id, { why: 'expired', by: ports.functionName });
    throw error;
  }
  ports.metrics.count('lockstep_leases', { outcome: 'renewed', kind });
  return lease;
}
