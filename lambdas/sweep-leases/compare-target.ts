import type { Leasable } from '../core/access/access-inventory.ts';
import { isOpen } from '../core/access/lease-end.ts';
import { isLeaseId } from '../core/access/lease-id.ts';
import type { LeaseTarget } from '../core/access/lease-rows.ts';
import type { Lease } from '../core/access/lease.ts';
import type { LeaseAtTarget } from '../core/ports/leaser.ts';
import { instant, reached, secondsAfter } from '../core/time.ts';
import type { AtTarget, Progress } from './claim-target.ts';
import { listable } from './does-answer.ts';
import { tellIfDue } from './sweep-due.ts';
import { BUDGET, isPast, type SweepPorts } from './sweep-ports.ts';
import { takeIn, type Found } from './take-in.ts';

/** How often a target is asked, from the end of one comparison to the beginning of the next. */
const COMPARE_EVERY_SECONDS = 300;

/** How much longer than its time a lease that is being made is left alone: somebody may be about to write it down. */
const LEFT_ALONE_SECONDS = 60;

/** What a slice of a comparison came to. */
export interface Compared {
  readonly progress: Progress;
  /** Leases that have been told to end because of it: somebody has to look at the queue. */
  readonly told: number;
}

/**
 * Asks a target, a slice in each round, what it has of ours, and compares it with the ledger. A key that the ledger knows
 * as ended is taken in and ended; one that it does not know as well, after a while in which on-call knows of it; one of a
 * lease that is being made is not touched before its time; one that carries our mark and no id is reported, since nobody
 * can say what it is.
 *
 * The ledger is written before anything is made at a target, so what the ledger does not know is nobody's who is still at
 * it here: a restored backup of the target, a lost ledger, a stranger's hand. What another deployment has made there is not
 * listed, whatever it is called: that it is there is counted, and it is left alone. Answers nothing where it is not due.
 * Throws what the target says where it does not answer.
 *
 * A lease that is to end goes before it: where somebody waits for the target, all but a first page is left for the next round.
 */
export async function compareTarget(
  ports: SweepPorts,
  target: string,
  { before, stay }: AtTarget,
): Promise<Compared | undefined> {
  const now = instant(ports.clock());
  const leasables = listable(ports, target);
  const until = secondsAfter(now, BUDGET.comparedSeconds);
  let place: Place | undefined = isDue(ports, before) ? startOf(leasables, before.compared) : undefined;
  if (!place) return undefined;
  let told = 0;
  for (let page = 1; place && page <= BUDGET.comparedPages && !reached(until, ports.clock()); page += 1) {
    const standing = await stay();
    if (standing === 'lost' || (standing === 'wanted' && page > 1)) break;
    const came = await comparePage(ports, leasables, place);
    told += came.told;
    place = came.next;
  }
  const { compared: _cursor, ...rest } = before;
  return {
    told,
    progress: place
      ? { ...rest, compared: { ...place, leasable: place.leasable.name } }
      : { ...rest, comparedAt: now },
  };
}

async function comparePage(
  ports: SweepPorts,
  leasables: readonly Leasable[],
  { leasable, after }: Place,
): Promise<{ readonly told: number; readonly next?: Place | undefined }> {
  const found = await ports.leases.call(leasable.kind, {
    do: 'list-ours',
    leasable: leasable.name,
    ...(after === undefined ? {} : { after }),
  });
  if (found.others.length > 0)
    ports.metrics.count('lockstep_lease_findings', { action: 'foreign' }, found.others.length);
  const told = await judge(ports, leasable, found.leases);
  return {
    told,
    next: found.next === undefined ? following(leasables, leasable) : { leasable, after: found.next },
  };
}

const isDue = ({ clock }: SweepPorts, { compared, comparedAt }: Progress): boolean =>
  compared !== undefined ||
  comparedAt === undefined ||
  isPast(secondsAfter(comparedAt, COMPARE_EVERY_SECONDS), COMPARE_EVERY_SECONDS, clock);

interface Place {
  readonly leasable: Leasable;
  readonly after?: string;
}

function startOf(leasables: readonly Leasable[], compared: LeaseTarget['compared']): Place | undefined {
  const at = leasables.find(({ name }) => name === compared?.leasable);
  if (at && compared)
    return { leasable: at, ...(compared.after === undefined ? {} : { after: compared.after }) };
  const [first] = leasables;
  return first && { leasable: first };
}

function following(leasables: readonly Leasable[], leasable: Leasable): Place | undefined {
  const next = leasables[leasables.indexOf(leasable) + 1];
  return next && { leasable: next };
}

/** What becomes of a key that a target has. */
type Verdict = 'leave' | 'tell' | 'take-in' | 'report';

/** Pure: what the ledger knows of it decides. */
export function verdictOn(lease: Lease | undefined, isReadable: boolean, now: Date): Verdict {
  if (!isReadable) return 'report';
  if (!lease || lease.phase === 'ended') return 'take-in';
  if (!isOpen(lease)) return 'leave';
  const patience = lease.phase === 'issuing' ? LEFT_ALONE_SECONDS : 0;
  return reached(secondsAfter(lease.dueAt, patience), now) ? 'tell' : 'leave';
}

/** Answers how many have been told to end. */
async function judge(ports: SweepPorts, leasable: Leasable, keys: readonly LeaseAtTarget[]): Promise<number> {
  const ids = keys.map(({ leaseId }) => (leaseId !== undefined && isLeaseId(leaseId) ? leaseId : undefined));
  const rows = await Promise.all(
    ids.map(async (id) => (id === undefined ? undefined : ports.ledger.read('lease', id, 'lease'))),
  );
  const now = ports.clock();
  const unknown: Found[] = [];
  let told = 0;
  for (const [at, key] of keys.entries()) {
    const [id, row] = [ids[at], rows[at]];
    const verdict = verdictOn(row?.body, id !== undefined, now);
    if (verdict === 'report') ports.metrics.count('lockstep_lease_findings', { action: 'unknown' });
    if (id === undefined) continue;
    if (verdict === 'take-in') unknown.push({ id, key, ...(row ? { row } : {}) });
    if (verdict === 'tell') {
      // Its minute has passed and nobody told it: the pointer was lost, or a clock jumped over it.
      await tellIfDue(ports, id);
      ports.metrics.count('lockstep_lease_findings', { action: 'told' });
      told += 1;
    }
  }
  return told + (await takeIn(ports, leasable, unknown));
}
