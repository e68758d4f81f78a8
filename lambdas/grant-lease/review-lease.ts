import type { AccessAnswers, AccessAsks } from '../contracts/access-requests.ts';
import { callerKey, type Caller } from '../core/access/caller.ts';
import { keptUntil } from '../core/access/lease-end.ts';
import type { Lease } from '../core/access/lease.ts';
import { auditedEffect } from '../core/audit/audited-effect.ts';
import { isLockstepError, LockstepError } from '../core/errors.ts';
import { remove, replace, type LedgerRow } from '../core/ports/ledger.ts';
import { instant } from '../core/time.ts';
import { printable } from '../core/watch/principal.ts';
import { findLease } from './find-lease.ts';
import type { GrantPorts } from './grant-ports.ts';
import { plainReason } from './plain-text.ts';
import { actorOf, decidedBy, type Decision } from './on-record.ts';
import { orRefuse } from './refusals.ts';
import { rightTo, type Asking } from './right.ts';

const ATTEMPTS = 5;

const isOwn = ({ holder, actingFor }: Lease, caller: Caller): boolean =>
  [holder, actingFor].includes(callerKey(caller));

/**
 * Somebody who could have approved it has looked at what was done with a lease that was taken by breaking the glass.
 * Never whoever took it, nor whom it was taken for; once: a second review is refused, and the first is kept. Throws `UNKNOWN_LEASE`, `APPROVAL_REFUSED`, `POLICY_DENIED`.
 */
export async function reviewLease(
  ports: GrantPorts,
  asking: Asking,
  { lease: id, note }: AccessAsks['review'],
): Promise<AccessAnswers['review']> {
  const said = plainReason(note, 'the note of a review');
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const { row, named } = await findLease(ports, asking.caller, id);
    const about = {
      action: 'review' as const,
      named,
      ...(row ? { asked: { lease: row.body.id } } : {}),
      ...(row && isOwn(row.body, asking.caller) ? { isInsider: true } : {}),
    };
    const isDone = await orRefuse(ports, asking, about, async (decided) => {
      const lease = reviewedBy(row, asking.caller);
      const right = rightTo(ports, asking, 'approve', named.leasable, { purpose: lease.body.purpose });
      decided(right);
      if (!right.allowed)
        throw new LockstepError(
          'POLICY_DENIED',
          `no policy lets this person review leases of ${lease.body.leasable}`,
        );
      assertReviewable(lease.body, asking.caller);
      return reviewOnce(ports, asking, lease, { note: said, right });
    });
    if (isDone) return {};
  }
  throw new LockstepError(
    'LEDGER_CONFLICT',
    `lease ${id} was changed by others ${ATTEMPTS} times in a row; try again`,
  );
}

function reviewedBy(row: LedgerRow<'lease'> | undefined, caller: Caller): LedgerRow<'lease'> {
  if (caller.is !== 'person') throw new LockstepError('POLICY_DENIED', 'people review');
  if (row) return row;
  throw new LockstepError('UNKNOWN_LEASE', 'the ledger has no lease of that id');
}

function assertReviewable(lease: Lease, caller: Caller): void {
  if (!lease.breakGlass)
    throw new LockstepError(
      'APPROVAL_REFUSED',
      `lease ${lease.id} was not taken by breaking the glass; there is nothing to review`,
    );
  if (isOwn(lease, caller))
    throw new LockstepError(
      'APPROVAL_REFUSED',
      `lease ${lease.id} is your own; somebody else has to review it`,
    );
}

async function reviewOnce(
  ports: GrantPorts,
  asking: Asking,
  row: LedgerRow<'lease'>,
  { note, right }: { readonly note: string; readonly right: Decision },
): Promise<boolean> {
  const { id, leasable, actingFor, breakGlass, phase, purpose, expiresAt } = row.body;
  if (!breakGlass) return true;
  if (breakGlass.reviewedBy !== undefined) {
    // The same again, after a lost answer.
    if (breakGlass.reviewedBy === callerKey(asking.caller) && breakGlass.note === note) return true;
    throw new LockstepError(
      'APPROVAL_REFUSED',
      `lease ${id} was reviewed already, by ${printable(breakGlass.reviewedBy)}; that review is kept, and this one is not on record`,
    );
  }
  const waiting = await ports.ledger.read('lease-review', 'open', id);
  const reviewed = { ...row.body, breakGlass: { ...breakGlass, reviewedBy: callerKey(asking.caller), note } };
  // Of an ended one from now on: whoever is asked twice finds it, however late the review is.
  const kept = phase === 'ended' ? keptUntil(reviewed, instant(ports.clock())) : undefined;
  const subject = {
    chain: leasable,
    action: 'review',
    who: actorOf(ports, asking),
    what: {
      credential: leasable,
      lease: id,
      ...(actingFor === undefined ? {} : { actingFor }),
      until: expiresAt,
    },
    why: { cause: 'lease', purpose, reason: note, ...decidedBy(ports, [right]) },
  } as const;
  try {
    await auditedEffect(ports, subject, () =>
      ports.ledger.commit([replace(row, reviewed, kept), ...(waiting ? [remove(waiting)] : [])]),
    );
    return true;
  } catch (error) {
    if (isLockstepError(error, 'LEDGER_CONFLICT')) return false;
    throw error;
  }
}
