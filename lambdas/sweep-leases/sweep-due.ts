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
/** Once an hour as many as a day has: a clock that was ahead may have taken the pointer past what was written since. */
const LOOK_BACK_DEEPLY_MINUTES = 25 * 60;
const DEEPLY_EVERY_MS = 3_600_000;
/** Minutes that one round goes through, after a long silence. */
const MOST_MINUTES = 3000;

const MINUTE_MS = 60_000;

/**
 * Tells every lease to end whose time has come: what is over, and what was written down and never handed over. Goes
 * through the minutes since the last round, each by pages, the dangerous ones first.
 *
 * @returns whether the round left any
 */
export async function sweepDue(ports: SweepPorts): Promise<boolean> {
  const row = await ports.ledger.read('lease-swept', 'all', 'minute');
  const nowMs = ports.clock().getTime();
  const isDeep = isDueDeeply(row?.body, nowMs);
  let budget: number = BUDGET.dueLeases;
  let minute = firstMinute(row?.body, nowMs, isDeep);
  for (let count = 0; minute <= nowMs && count < MOST_MINUTES; count += 1, minute += MINUTE_MS) {
    budget -= await sweepMinute(ports, nameOf(minute), budget);
    if (budget <= 0) break;
  }
  const isAll = minute > nowMs;
  await remember(ports, row, {
    minute: nameOf(Math.min(minute, nowMs)),
    ...(isDeep && isAll ? { deeplyAt: instant(new Date(nowMs)) } : deeplyBefore(row?.body)),
  });
  return !isAll;
}

type Swept = LedgerRow<'lease-swept'>['body'];

const deeplyBefore = (swept: Swept | undefined): Pick<Swept, 'deeplyAt'> =>
  swept?.deeplyAt === undefined ? {} : { deeplyAt: swept.deeplyAt };

const nameOf = (ms: number): string => new Date(ms).toISOString().slice(0, 16);

function isDueDeeply(swept: Swept | undefined, nowMs: number): boolean {
  const before = swept?.deeplyAt === undefined ? 0 : Date.parse(swept.deeplyAt);
  return Math.abs(nowMs - before) >= DEEPLY_EVERY_MS;
}

/** A pointer that is ahead of the clock was written under another one, and says nothing of what came since. */
function firstMinute(swept: Swept | undefined, nowMs: number, isDeep: boolean): number {
  const thisMinute = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  const reachedMs = swept === undefined ? thisMinute : Date.parse(`${swept.minute}:00.000Z`);
  const back = isDeep ? LOOK_BACK_DEEPLY_MINUTES : LOOK_BACK_MINUTES;
  return Math.min(reachedMs, thisMinute) - back * MINUTE_MS;
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
