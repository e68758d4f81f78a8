import { create, remove, replace, type LedgerRow, type LedgerWrite } from '../ports/ledger.ts';
import { secondsAfter, type Instant } from '../time.ts';
import {
  againPartition,
  duePlace,
  indexPlaces,
  pointerId,
  unpoint,
  type PointerPlace,
} from './lease-pointers.ts';
import type { Lease, LeaseEnd } from './lease.ts';

/** Why a lease is to end, and who says so. */
export interface EndOrder {
  readonly why: LeaseEnd;
  readonly by: string;
  readonly at: Instant;
}

/** How long the ledger remembers a lease that is over: longer than anybody asks for it, or a target shows it. */
const KEPT_SECONDS = 30 * 86_400;

/**
 * Until when the ledger remembers a lease that is over at this instant. `undefined` where its glass was broken and nobody
 * has reviewed that: it is asked for until somebody does, and can be reviewed for as long.
 */
export const keptUntil = ({ breakGlass }: Pick<Lease, 'breakGlass'>, at: Instant): Instant | undefined =>
  breakGlass && breakGlass.reviewedBy === undefined ? undefined : secondsAfter(at, KEPT_SECONDS);

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
 *
 * @param isPointed `false` where somebody has seen that its pointer is gone: nothing of ours takes one away alone, and a
 * lease without one must end all the same
 */
export function tellWrites(row: LedgerRow<'lease'>, end: EndOrder, isPointed = true): readonly LedgerWrite[] {
  return [
    replace(row, endingOf(row.body, end)),
    ...(isPointed ? [unpoint(duePlace(row.body))] : []),
    queue(row.body, end.at),
  ];
}

/** Puts a lease into the queue of its target. */
export const queue = (lease: Lease, at: Instant): LedgerWrite =>
  create('lease-ending', lease.target, pointerId(lease), {
    lease: lease.id,
    since: at,
    attempts: 0,
    notBefore: at,
  });

/**
 * Puts a lease into the queue of its target behind all that may be ended now: nobody touches it before.
 *
 * @param from within ten minutes: what waits longer is taken for the word of a wrong clock
 */
export function queueFrom(lease: Lease, from: Instant): LedgerWrite {
  const waiting = { lease: lease.id, since: from, attempts: 1, notBefore: from };
  return create('lease-ending', againPartition(lease.target), `${from}-${pointerId(lease)}`, waiting);
}

/**
 * What closes the book on a lease that its target refuses. Quotas are given back beside it, in the same commit.
 *
 * @param places its pointers, as far as they are there
 */
export function overWrites(
  row: LedgerRow<'lease'>,
  queued: LedgerRow<'lease-ending'>,
  at: Instant,
  places: readonly PointerPlace[] = indexPlaces(row.body),
): readonly LedgerWrite[] {
  return [
    replace(row, { ...row.body, phase: 'ended' }, keptUntil(row.body, at)),
    remove(queued),
    ...places.map(unpoint),
  ];
}
