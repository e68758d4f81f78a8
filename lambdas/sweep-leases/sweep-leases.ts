import { accessOf } from '../core/access/access-inventory.ts';
import { leasablePartition } from '../core/access/lease-pointers.ts';
import { isLockstepError } from '../core/errors.ts';
import type { EventOf } from '../core/events.ts';
import { makeEvent } from '../core/make-event.ts';
import { create } from '../core/ports/ledger.ts';
import { instant } from '../core/time.ts';
import { askAfterLive } from './ask-after-live.ts';
import { carryOutOrder } from './carry-out-order.ts';
import { atTarget, type AtTarget, type Progress, type TargetNews } from './claim-target.ts';
import { compareTarget } from './compare-target.ts';
import { drainTarget, type Drained } from './drain-target.ts';
import { ignoreConflict } from './ignore-conflict.ts';
import { measureLeases } from './measure-leases.ts';
import { pageUnreviewed } from './page-unreviewed.ts';
import { sweepDue, tellIfDue } from './sweep-due.ts';
import { BUDGET, type SweepPorts } from './sweep-ports.ts';

/** What wakes the sweeper. */
export type SweepEvent =
  EventOf<'lease.due'> | Pick<EventOf<'leases.due'>, 'type' | 'detail'> | EventOf<'credential.breached'>;

/** Handles one of them. Errors are those of the ledger, for the queue to try again; a target that fails is none. */
export type SweepLeases = (event: SweepEvent) => Promise<void>;

/**
 * The sweeper: ends what is over, whoever else was to do it, and finds what nobody knows of. Every part may run twice
 * and twice at once; what one round leaves is in the ledger for the next one.
 */
export function sweepLeases(ports: SweepPorts): SweepLeases {
  return async (event) => {
    switch (event.type) {
      case 'lease.due':
        return sweepOne(ports, event.detail.lease);
      case 'leases.due': {
        const { target } = event.detail;
        return target === undefined ? sweepRound(ports) : drainAt(ports, target);
      }
      case 'credential.breached':
        return sweepBreach(ports, event);
    }
  };
}

/** Its time has come, or somebody has told it to end: everything that waits at its target is ended with it. */
async function sweepOne(ports: SweepPorts, id: string): Promise<void> {
  const lease = await tellIfDue(ports, id);
  if (lease?.phase === 'ending') await drainAt(ports, lease.target);
}

const drainAt = (ports: SweepPorts, target: string): Promise<void> =>
  atTarget(ports, target, async ({ stay }) => newsOf(await drainTarget(ports, target, stay)));

/** What is left is gone on with at once where anything was ended: otherwise it waits for its next attempt. */
const newsOf = ({ answered, isLeft, ended }: Drained): TargetNews => ({
  ...(answered === undefined ? {} : { answered }),
  isLeft: isLeft && ended > 0,
});

/** Ends the leases of whatever stands for a credential that leaked. Waits for no audit: the order itself is on record. */
async function sweepBreach(
  ports: SweepPorts,
  { id, detail: { credential, by, reason } }: EventOf<'credential.breached'>,
): Promise<void> {
  const concerned = accessOf(ports.inventory)
    .leasables.filter(({ standsFor }) => standsFor === credential)
    .sort((a, b) => a.tier - b.tier);
  if (concerned.length > 0) {
    const order = {
      why: 'breach' as const,
      by,
      reason,
      at: instant(ports.clock()),
      partitions: concerned.map(({ name }) => leasablePartition(name)),
      ended: 0,
    };
    // Named by the event: told twice, it is one order. One that was carried out already finds nothing more to end.
    await ports.ledger.commit([create('lease-order', 'open', `breach-${id}`, order)]).catch(ignoreConflict);
  }
  await sweepRound(ports);
}

/**
 * One round over everything. What goes wrong in one part holds up no other; the first error is thrown in the end, for the
 * queue to try again.
 */
async function sweepRound(ports: SweepPorts): Promise<void> {
  const failures: unknown[] = [];
  const isLeftBy = async (part: () => Promise<boolean>): Promise<boolean> => {
    try {
      return await part();
    } catch (error) {
      failures.push(error);
      return false;
    }
  };
  const { targets, leasables } = await known(ports);
  // Counting takes as long as there is to count: rounds that follow at once leave it to the first of each minute.
  let isFirst = true;
  const left = [
    ...(await inTurn(await orders(ports), (id) => isLeftBy(() => isOrderLeft(ports, id)))),
    await isLeftBy(async () => {
      const due = await sweepDue(ports);
      isFirst = due.isFirst;
      return due.isLeft;
    }),
  ];
  const others = [...targets.map((target) => () => roundAt(ports, target)), () => pageUnreviewed(ports)];
  await Promise.all(others.map((part) => isLeftBy(() => part().then(() => false))));
  const isOver = !left.includes(true);
  if (isFirst || isOver) await isLeftBy(() => measureLeases(ports, targets, leasables).then(() => false));
  if (!isOver) await callAgain(ports);
  if (failures.length > 0) throw failures[0];
}

async function inTurn<T>(
  items: readonly T[],
  work: (item: T) => Promise<boolean>,
): Promise<readonly boolean[]> {
  const answers: boolean[] = [];
  for (const item of items) answers.push(await work(item));
  return answers;
}

const orders = async ({ ledger }: SweepPorts): Promise<readonly string[]> =>
  (await ledger.page('lease-order', 'open', { limit: BUDGET.orders })).map(({ id }) => id);

const isOrderLeft = async (ports: SweepPorts, id: string): Promise<boolean> =>
  !(await carryOutOrder(ports, id, BUDGET.orderPages)).isDone;

/** Everything that was ever leased, and everything that can be. */
async function known(
  ports: SweepPorts,
): Promise<{ readonly targets: readonly string[]; readonly leasables: readonly string[] }> {
  const rows = await ports.ledger.list('lease-known', 'leasables');
  const { leasables } = accessOf(ports.inventory);
  return {
    targets: [
      ...new Set([
        ...rows.map(({ body }) => body.target),
        ...leasables.map(({ authority, kind }) => authority ?? kind),
      ]),
    ],
    leasables: leasables.map(({ name }) => name),
  };
}

/** What waits to be ended at a target, and then what it has of ours. */
const roundAt = (ports: SweepPorts, target: string): Promise<void> =>
  atTarget(ports, target, async (at): Promise<TargetNews> => {
    const drained = newsOf(await drainTarget(ports, target, at.stay));
    // What lets nobody in is asked nothing else.
    if (drained.answered === false) return drained;
    try {
      const { progress, told } = await compare(ports, target, at);
      return { ...drained, progress, isLeft: drained.isLeft === true || told > 0 };
    } catch (error) {
      if (!isLockstepError(error)) throw error;
      ports.metrics.count('lockstep_lease_findings', { action: 'failed' });
      return { ...drained, answered: drained.answered === true };
    }
  });

/** Both ways: what the target has and the ledger does not, and what the ledger has and the target does not. */
async function compare(
  ports: SweepPorts,
  target: string,
  at: AtTarget,
): Promise<{ readonly progress: Progress; readonly told: number }> {
  const { before, stay } = at;
  const atTargetNow = await compareTarget(ports, target, at);
  if ((await stay()) === 'lost') return { told: 0, progress: before };
  const { askedAfter, told } = await askAfterLive(ports, target, before.askedAfter);
  return {
    told: told + (atTargetNow?.told ?? 0),
    progress: { ...(atTargetNow?.progress ?? before), ...(askedAfter === undefined ? {} : { askedAfter }) },
  };
}

/** The next round begins at once, and not when the clock says so. */
async function callAgain(ports: SweepPorts): Promise<void> {
  const source = { ...ports, environment: ports.inventory.environment };
  await ports.ledger.commit([], [makeEvent(source, 'leases.due', {})]);
}
