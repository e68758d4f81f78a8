import { describeError, LockstepError } from '../../lambdas/core/errors.ts';
import { lacksToken } from './give-lease-back.ts';
import { HeldLease } from './held-lease.ts';
import type { HolderPorts, LeaseOrder, WaitingRequest } from './lease-order.ts';

/** How often people are asked for, in milliseconds. */
const ASK_EVERY_MS = 5_000;

/**
 * Takes leases, all or none, and waits where people have to approve one: `ports.tell` hears what for. Throws what the
 * broker refuses with; `APPROVAL_REFUSED` where nobody has approved it in time; `NOT_CONFIRMED` where `stop` is aborted
 * before all are there.
 */
export async function takeLeases(
  orders: readonly LeaseOrder[],
  ports: HolderPorts,
  stop: AbortSignal,
): Promise<readonly HeldLease[]> {
  const held: HeldLease[] = [];
  try {
    for (const order of orders) held.push(await takeLease(order, ports, { stop, beside: held }));
    demandWanted(stop);
    return held;
  } catch (error) {
    await giveBack(held);
    throw error;
  }
}

function demandWanted({ aborted }: AbortSignal): void {
  if (aborted) throw new LockstepError('NOT_CONFIRMED', 'broken off; what was taken is given back');
}

/** Gives leases back; what goes wrong then is told. For want of a token, until `leaving` aborts. */
export async function giveBack(leases: readonly HeldLease[], leaving?: AbortSignal): Promise<void> {
  await Promise.all(leases.map((lease) => lease.release(leaving)));
}

interface Taking {
  readonly stop: AbortSignal;
  /** What was taken before, and is over if this takes too long. */
  readonly beside: readonly HeldLease[];
}

async function takeLease(
  order: LeaseOrder,
  ports: HolderPorts,
  { stop, beside }: Taking,
): Promise<HeldLease> {
  const { leasable } = order;
  let waiting: WaitingRequest | undefined;
  let isToldOfToken = false;
  for (;;) {
    demandWanted(stop);
    const taken = await HeldLease.take(order, ports, waiting).catch((error: unknown) => {
      // A first ask that has none is told so at once: somebody waits for it.
      const isFirst = waiting === undefined && beside.length === 0;
      if (!lacksToken(error) || isFirst || beside.some((lease) => lease.isOver)) throw error;
      return describeError(error);
    });
    if (taken instanceof HeldLease) return taken;
    if ('approval' in taken) {
      const { approval, expiresAt } = taken;
      if (!waiting) ports.tell({ what: 'waiting', leasable, approval, until: expiresAt });
      waiting = taken;
    } else if (!isToldOfToken) {
      ports.tell({ what: 'needs-token', leasable, why: `${taken.message} (${taken.code})` });
      isToldOfToken = true;
    }
    demandInTime(leasable, waiting, ports);
    await ports.pause(ASK_EVERY_MS, stop);
  }
}

function demandInTime(leasable: string, waiting: WaitingRequest | undefined, { clock }: HolderPorts): void {
  if (!waiting || Date.parse(waiting.expiresAt) > clock().getTime()) return;
  throw new LockstepError(
    'APPROVAL_REFUSED',
    `nobody has approved the lease of ${leasable} in time (approval ${waiting.approval}); ask for it again`,
  );
}
