import { create, remove, replace, type LedgerRow, type LedgerWrite } from '../ports/ledger.ts';
import { secondsAfter, type Instant } from '../time.ts';
import { duePlace, indexPlaces, pointerId, unpoint } from './lease-pointers.ts';
import type { Lease, LeaseEnd } from './lease.ts';

/** Why a lease is to end, and who says so. */
export interface EndOrder {
  readonly why: LeaseEnd;
  readonly by: string;
  readonly at: Instant;
}

/** How long the ledger remembers a lease that is over: longer than anybody asks for it, or a target shows it. */
export const KEPT_SECONDS = 30 * 86_400;

/** Whether it has not been told to end yet. */
export const isOpen = ({ phase }: Pick<Lease, 'phase'>): boolean => phase === 'issuing' || phase === 'live';

/** An open lease that is told to end. */
export const endingOf = (lease: Lease, end: EndOrder): Lease => ({
  ...lease,
  phase: 'ending',
  end,
  fence: lease.fence + 1,
});

/**
 * What tells an open lease to end: from this commit on it cannot be handed over, renewed or used up, and it lies in the
 * queue of its target until that refuses it. Its fence rises, so that what was under way at the target comes too late.
 */
export function tellWrites(row: LedgerRow<'lease'>, end: EndOrder): readonly LedgerWrite[] {
  const lease = row.body;
  return [
    replace(row, endingOf(lease, end)),
    unpoint(duePlace(lease)),
    create('lease-ending', lease.target, pointerId(lease), {
      lease: lease.id,
      since: end.at,
      attempts: 0,
      notBefore: end.at,
    }),
  ];
}

/** What closes the book on a lease that its target refuses. Quotas are given back beside it, in the same commit. */
export function overWrites(
  row: LedgerRow<'lease'>,
  queued: LedgerRow<'lease-ending'>,
  at: Instant,
): readonly LedgerWrite[] {
  return [
    replace(row, { ...row.body, phase: 'ended' }, secondsAfter(at, KEPT_SECONDS)),
    remove(queued),
    ...indexPlaces(row.body).map(unpoint),
  ];
}
