import { isOpen, tellWrites, type EndOrder } from '../core/access/lease-end.ts';
import type { LeaseOrder } from '../core/access/lease-rows.ts';
import type { Lease } from '../core/access/lease.ts';
import { tellToEnd, type TellPorts } from '../core/access/tell-to-end.ts';
import { isLockstepError } from '../core/errors.ts';
import { makeEvent } from '../core/make-event.ts';
import { remove, replace, type LedgerRow, type LedgerWrite } from '../core/ports/ledger.ts';
import { instant } from '../core/time.ts';

/** Leases in one commit: three rows each, and the order itself. */
export const LEASES_PER_COMMIT = 25;

/** How far an order has come. */
export interface OrderProgress {
  /** Leases that it has told to end, by now. */
  readonly ended: number;
  readonly isDone: boolean;
}

/**
 * Goes on with an order to end leases, page by page and the dangerous ones first, for so many pages. Each page is one
 * commit with how far the order has come, so that whoever goes on after a crash goes on behind it; what two do at once,
 * one of them does. Memory is that of one page, however many leases there are.
 *
 * It also ends what is issued while it is carried out: rather a lease too many than one that was missed.
 */
export async function carryOutOrder(ports: TellPorts, id: string, pages: number): Promise<OrderProgress> {
  let ended = 0;
  for (let page = 1; page <= pages; page += 1) {
    const order = await ports.ledger.read('lease-order', 'open', id);
    // Somebody else has come to its end.
    if (!order) return { ended, isDone: true };
    ended = order.body.ended;
    const progress = await nextPage(ports, order);
    if (progress?.isDone === true) return progress;
    ended = progress?.ended ?? ended;
  }
  return { ended, isDone: false };
}

async function nextPage(
  ports: TellPorts,
  order: LedgerRow<'lease-order'>,
): Promise<OrderProgress | undefined> {
  const { partitions, after, ended } = order.body;
  const [partition, ...others] = partitions;
  if (partition === undefined) return isWritten(ports, [remove(order)], { ended, isDone: true });
  const pointers = await ports.ledger.page('lease-index', partition, {
    ...(after === undefined ? {} : { after }),
    limit: LEASES_PER_COMMIT,
  });
  const open = (await openLeases(ports, pointers)).filter(({ body }) => isMeant(order.body, body));
  const last = pointers.at(-1)?.id;
  const isLastPage = pointers.length < LEASES_PER_COMMIT || last === undefined;
  const next: LeaseOrder = isLastPage
    ? { ...without(order.body), partitions: others, ended: ended + open.length }
    : { ...order.body, after: last, ended: ended + open.length };
  const isDone = isLastPage && others.length === 0;
  const writes = [
    ...open.flatMap((row) => tellWrites(row, endOf(ports, order.body))),
    isDone ? remove(order) : replace(order, next),
  ];
  return isWritten(ports, writes, { ended: next.ended, isDone }, () => oneByOne(ports, order.body, open));
}

const isMeant = ({ target }: LeaseOrder, lease: Lease): boolean =>
  target === undefined || lease.target === target;

const without = ({ after: _after, ...order }: LeaseOrder): LeaseOrder => order;

const endOf = ({ clock }: TellPorts, { why, by }: LeaseOrder): EndOrder => ({
  why,
  by,
  at: instant(clock()),
});

async function openLeases(
  { ledger }: TellPorts,
  pointers: readonly LedgerRow<'lease-index'>[],
): Promise<readonly LedgerRow<'lease'>[]> {
  const rows = await Promise.all(pointers.map(({ body }) => ledger.read('lease', body.lease, 'lease')));
  return rows.filter((row) => row !== undefined).filter(({ body }) => isOpen(body));
}

/** `undefined` where somebody else was first: then it is looked at again. */
async function isWritten(
  ports: TellPorts,
  writes: readonly LedgerWrite[],
  progress: OrderProgress,
  otherwise: () => Promise<void> = async () => undefined,
): Promise<OrderProgress | undefined> {
  const source = { ...ports, environment: ports.inventory.environment };
  try {
    // What has been told waits in the queues of its targets: somebody has to look there now.
    await ports.ledger.commit(writes, progress.isDone ? [makeEvent(source, 'leases.due', {})] : []);
    return progress;
  } catch (error) {
    if (!isLockstepError(error, 'LEDGER_CONFLICT')) throw error;
    await otherwise();
    return undefined;
  }
}

/**
 * One of the page was changed in between: a renewal, an issue that came to its end, another order. Each is told by
 * itself, so that a lease which never stands still cannot keep the others of its page alive.
 */
async function oneByOne(
  ports: TellPorts,
  { why, by }: LeaseOrder,
  open: readonly LedgerRow<'lease'>[],
): Promise<void> {
  for (const { body } of open) await tellToEnd(ports, body.id, { why, by });
}
