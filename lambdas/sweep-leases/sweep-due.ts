import { isOpen, tellWrites } from '../core/access/lease-end.ts';
import { duePlace } from '../core/access/lease-pointers.ts';
import type { Lease, LeaseEnd } from '../core/access/lease.ts';
import { tellToEnd } from '../core/access/tell-to-end.ts';
import { isLockstepError } from '../core/errors.ts';
import { create, remove, replace, type LedgerRow } from '../core/ports/ledger.ts';
import { instant, reached } from '../core/time.ts';
import { LEASES_PER_COMMIT } from './carry-out-order.ts';
import { BUDGET, type SweepPorts } from './sweep-ports.ts';

/** Minutes behind the last one that are looked at again: clocks of those who write differ. */
const LOOK_BACK_MINUTES = 10;
/** Minutes that one round goes through. After a long silence the next one begins at once. */
const MOST_MINUTES = 300;
/** So many are looked at once more in every round, over and over: a clock that was ahead may have taken the pointer past what was written since. */
const AGAIN_MINUTES = 15;
const DAY_MINUTES = 25 * 60;

const MINUTE_MS = 60_000;

/**
 * Tells every lease to end whose time has come: what is over, and what was written down and never handed over. Goes
 * through the minutes since the last round, each by pages, the dangerous ones first; and through a slice of the last day.
 *
 * @returns whether the round left any, and whether it is the first one of its minute
 */
export async function sweepDue(
  ports: SweepPorts,
): Promise<{ readonly isLeft: boolean; readonly isFirst: boolean }> {
  const row = await ports.ledger.read('lease-swept', 'all', 'minute');
  const thisMinute = Math.floor(ports.clock().getTime() / MINUTE_MS) * MINUTE_MS;
  const recent = thisMinute - LOOK_BACK_MINUTES * MINUTE_MS;
  const first = await sweepMinutes(ports, firstMinute(row?.body, thisMinute), thisMinute, {
    minutes: MOST_MINUTES,
    leases: BUDGET.dueLeases,
  });
  const again = await sweepMinutes(ports, againFrom(row?.body, recent), recent, {
    minutes: AGAIN_MINUTES,
    leases: BUDGET.dueLeases - first.told,
  });
  await remember(ports, row, {
    minute: nameOf(Math.min(first.next, thisMinute)),
    again: nameOf(again.next),
  });
  return { isLeft: first.next <= thisMinute, isFirst: row?.body.minute !== nameOf(thisMinute) };
}

type Swept = LedgerRow<'lease-swept'>['body'];

const nameOf = (ms: number): string => new Date(ms).toISOString().slice(0, 16);
const msOf = (minute: string): number => Date.parse(`${minute}:00.000Z`);

/** A pointer that is ahead of the clock was written under another one, and says nothing of what came since. */
const firstMinute = (swept: Swept | undefined, thisMinute: number): number =>
  Math.min(swept === undefined ? thisMinute : msOf(swept.minute), thisMinute) - LOOK_BACK_MINUTES * MINUTE_MS;

function againFrom(swept: Swept | undefined, recent: number): number {
  const dayAgo = recent - DAY_MINUTES * MINUTE_MS;
  const before = swept?.again === undefined ? dayAgo : msOf(swept.again);
  return before > recent || before < dayAgo ? dayAgo : before;
}

interface Slice {
  /** The first minute that was not gone through to its end. */
  readonly next: number;
  readonly told: number;
}

async function sweepMinutes(
  ports: SweepPorts,
  from: number,
  to: number,
  most: { readonly minutes: number; readonly leases: number },
): Promise<Slice> {
  const last = Math.min(to, from + (most.minutes - 1) * MINUTE_MS);
  let told = 0;
  for (let minute = from; minute <= last; minute += MINUTE_MS) {
    told += await sweepMinute(ports, nameOf(minute), most.leases - told);
    if (told >= most.leases) return { next: minute, told };
  }
  return { next: Math.max(from, last + MINUTE_MS), told };
}

/** Answers how many leases of a minute were told. */
async function sweepMinute(ports: SweepPorts, minute: string, most: number): Promise<number> {
  let told = 0;
  let after: string | undefined;
  while (told < most) {
    const pointers = await ports.ledger.page('lease-due', minute, {
      ...(after === undefined ? {} : { after }),
      limit: LEASES_PER_COMMIT,
    });
    if (pointers.length === 0) return told;
    told += await tellPage(ports, minute, pointers);
    after = pointers.at(-1)?.id;
  }
  return told;
}

async function tellPage(
  ports: SweepPorts,
  minute: string,
  pointers: readonly LedgerRow<'lease-due'>[],
): Promise<number> {
  const now = ports.clock();
  const rows = await Promise.all(pointers.map(({ body }) => ports.ledger.read('lease', body.lease, 'lease')));
  const pairs = pointers.map((pointer, at) => ({ pointer, row: rows[at] }));
  const isPointed = (row: LedgerRow<'lease'> | undefined): row is LedgerRow<'lease'> =>
    row !== undefined && isOpen(row.body) && duePlace(row.body).partition === minute;
  const stale = pairs.filter(({ row }) => !isPointed(row)).map(({ pointer }) => pointer);
  const due = pairs
    .map(({ row }) => row)
    .filter((row) => isPointed(row))
    .filter(({ body }) => reached(body.dueAt, now));
  const at = instant(now);
  const writes = due.flatMap((row) => tellWrites(row, { why: whyOf(row.body), by: ports.functionName, at }));
  try {
    await ports.ledger.commit([...writes, ...stale.map(remove)]);
  } catch (error) {
    if (!isLockstepError(error, 'LEDGER_CONFLICT')) throw error;
    // One of them was renewed, released or swept by another in between; each by itself, if it is still due.
    for (const { body } of due) await tellIfDue(ports, body.id);
  }
  return due.length;
}

/** Tells a lease to end whose time has come, as the ledger has it now. Answers the lease. */
export async function tellIfDue(ports: SweepPorts, id: string): Promise<Lease | undefined> {
  const isDue = ({ dueAt }: Lease): boolean => reached(dueAt, ports.clock());
  const lease = (await ports.ledger.read('lease', id, 'lease'))?.body;
  if (!lease || !isOpen(lease) || !isDue(lease)) return lease;
  return tellToEnd(ports, id, { why: whyOf(lease), by: ports.functionName }, isDue);
}

/** What is over was handed over and has expired; what is still being made never was. */
export const whyOf = ({ phase }: Pick<Lease, 'phase'>): LeaseEnd =>
  phase === 'issuing' ? 'never-handed-over' : 'expired';

/** Whoever was first has remembered as much. */
async function remember(
  { ledger }: SweepPorts,
  row: LedgerRow<'lease-swept'> | undefined,
  body: Swept,
): Promise<void> {
  const write = row ? replace(row, body) : create('lease-swept', 'all', 'minute', body);
  await ledger.commit([write]).catch((error: unknown) => {
    if (!isLockstepError(error, 'LEDGER_CONFLICT')) throw error;
  });
}
