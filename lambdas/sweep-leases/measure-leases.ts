import { againPartition, leasablePartition } from '../core/access/lease-pointers.ts';
import { reached, secondsAfter } from '../core/time.ts';
import type { SweepPorts } from './sweep-ports.ts';

/** From when on a lease that waits to be ended is a debt, in seconds. */
export const DEBT_AFTER_SECONDS = 180;

const PAGE = 500;
/** More of them are not counted: the alarm has long been raised. */
const MOST_PAGES = 20;

/** Tells how many leases each target owes to end, and how many there are of everything. */
export async function measureLeases(
  ports: SweepPorts,
  targets: readonly string[],
  leasables: readonly string[],
): Promise<void> {
  for (const target of targets)
    ports.metrics.gauge('lockstep_lease_debt', { target }, await debtAt(ports, target));
  for (const leasable of leasables) {
    const use = await ports.ledger.read('lease-quota', leasablePartition(leasable), 'use');
    ports.metrics.gauge('lockstep_leases_live', { leasable }, use?.body.live ?? 0);
  }
}

async function debtAt(ports: SweepPorts, target: string): Promise<number> {
  const [waiting, again] = await Promise.all([debtIn(ports, target), debtIn(ports, againPartition(target))]);
  return waiting + again;
}

async function debtIn({ ledger, clock }: SweepPorts, partition: string): Promise<number> {
  let debt = 0;
  let after: string | undefined;
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const rows = await ledger.page('lease-ending', partition, {
      ...(after === undefined ? {} : { after }),
      limit: PAGE,
    });
    debt += rows.filter(({ body }) => reached(secondsAfter(body.since, DEBT_AFTER_SECONDS), clock())).length;
    after = rows.at(-1)?.id;
    if (rows.length < PAGE) break;
  }
  return debt;
}
