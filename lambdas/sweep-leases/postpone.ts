import { againPartition, pointerId } from '../core/access/lease-pointers.ts';
import type { Lease } from '../core/access/lease.ts';
import type { LeaseEnding } from '../core/access/lease-rows.ts';
import { create, remove, replace, type LedgerRow, type LedgerWrite } from '../core/ports/ledger.ts';
import { instant, secondsAfter, type Instant } from '../core/time.ts';
import { ignoreConflict } from './ignore-conflict.ts';
import type { SweepPorts } from './sweep-ports.ts';

/** How long an attempt waits for the next one: twice as long each time, for as long as it takes. */
const FIRST_WAIT_SECONDS = 15;
/** What a target refuses to end is looked at by somebody; that takes longer than this. */
export const LONGEST_WAIT_SECONDS = 600;
/** Where nobody was let in it is the target that has to come back: then nothing of its queue may lag behind. */
const LONGEST_DOWN_SECONDS = 60;

/** An end that did not come to its end. */
export interface Failed {
  readonly row: LedgerRow<'lease'>;
  readonly queued: LedgerRow<'lease-ending'>;
  /** Absent where the target refuses the lease, and only the audit of it could not be written. */
  readonly error?: { readonly code: string; readonly message: string };
  /** Absent where it is owed now. Otherwise its time at the target, which nobody here could make sooner, and nobody asked to. */
  readonly owedFrom?: Instant;
}

/**
 * Waits with what failed, longer each time, and says so on the lease. Never given up.
 *
 * @param isOwn it is the lease that the target will not end: it goes out of the way of the others. Otherwise it keeps
 * its place, so that when the target comes back the dangerous ones come first
 */
export async function postpone(ports: SweepPorts, failed: readonly Failed[], isOwn: boolean): Promise<void> {
  for (const each of failed) {
    const { row, error } = each;
    const lastError = error
      ? `${error.code}: ${error.message}`
      : 'AUDIT_UNAVAILABLE: ended, and not written down yet';
    const noted = error
      ? [replace(row, { ...row.body, failedEnds: row.body.failedEnds + 1, lastError })]
      : [];
    const waiting = waits(ports, each, lastError, isOwn && error !== undefined);
    await ports.ledger.commit([...waiting, ...noted]).catch(ignoreConflict);
  }
}

function waits(
  { clock }: SweepPorts,
  { row, queued, owedFrom = queued.body.since }: Failed,
  lastError: string,
  isOwn: boolean,
): readonly LedgerWrite[] {
  const attempts = queued.body.attempts + 1;
  const longest = isOwn ? LONGEST_WAIT_SECONDS : LONGEST_DOWN_SECONDS;
  const seconds = Math.min(FIRST_WAIT_SECONDS * 2 ** Math.min(attempts - 1, 10), longest);
  const notBefore = secondsAfter(instant(clock()), seconds);
  const body = { ...queued.body, since: owedFrom, attempts, notBefore, lastError };
  const isAgain = queued.credential !== row.body.target;
  return isOwn || isAgain ? move(row.body, queued, body) : [replace(queued, body)];
}

/** The row id is the time of the next attempt: the one that has waited longest comes first. */
const move = (lease: Lease, queued: LedgerRow<'lease-ending'>, body: LeaseEnding): readonly LedgerWrite[] => {
  const id = `${body.notBefore}-${pointerId(lease)}`;
  const partition = againPartition(lease.target);
  if (queued.credential === partition && queued.id === id) return [replace(queued, body)];
  return [remove(queued), create('lease-ending', partition, id, body)];
};
