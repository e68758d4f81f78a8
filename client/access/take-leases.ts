import { LockstepError } from '../../lambdas/core/errors.ts';
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
    for (const order of orders) held.push(await takeLease(order, ports, stop));
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

/** Gives leases back. What goes wrong then, their end mends. */
export async function giveBack(leases: readonly HeldLease[]): Promise<void> {
  await Promise.all(leases.map((lease) => lease.release().catch(() => undefined)));
}

async function takeLease(order: LeaseOrder, ports: HolderPorts, stop: AbortSignal): Promise<HeldLease> {
  let waiting: WaitingRequest | undefined;
  for (;;) {
    demandWanted(stop);
    const taken = await HeldLease.take(order, ports, waiting);
    if (taken instanceof HeldLease) return taken;
    const { approval, expiresAt } = taken;
    if (!waiting) ports.tell({ what: 'waiting', leasable: order.leasable, approval, until: expiresAt });
    waiting = taken;
    if (Date.parse(expiresAt) <= ports.clock().getTime())
      throw new LockstepError(
        'APPROVAL_REFUSED',
        `nobody has approved the lease of ${order.leasable} in time (approval ${approval}); ask for it again`,
      );
    await ports.pause(ASK_EVERY_MS, stop);
  }
}
