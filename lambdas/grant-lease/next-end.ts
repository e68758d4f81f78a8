import { isOpen } from '../core/access/lease-end.ts';
import { minuteOf } from '../core/access/lease-pointers.ts';
import type { Lease } from '../core/access/lease.ts';
import { instant, secondsAfter, type Instant } from '../core/time.ts';
import type { GrantPorts } from './grant-ports.ts';

/** How many leases are looked at: any of them ends no sooner than the first, and a refusal must not cost more than a lease. */
const LOOK_AT = 20;

/** A lease is ended in the minute in which it is over, and counts until that has been done. */
const ENDING_SECONDS = 15;

/** What is being ended already is looked for again so much later. */
const UNDER_WAY_SECONDS = 60;

/**
 * When a lease of a partition of `lease-index` will be over, at the latest, if nobody renews it; `undefined` where it
 * has none.
 */
export async function nextEnd(
  { ledger, clock }: GrantPorts,
  partition: string,
  isMeant: (lease: Lease) => boolean = () => true,
): Promise<Instant | undefined> {
  const now = clock().getTime();
  const ends: number[] = [];
  for (const { body } of await ledger.page('lease-index', partition, { limit: LOOK_AT })) {
    const lease = (await ledger.read('lease', body.lease, 'lease'))?.body;
    if (!lease || !isMeant(lease)) continue;
    const minute = `${minuteOf(lease.dueAt)}:00.000Z`;
    ends.push(
      isOpen(lease)
        ? Math.max(Date.parse(secondsAfter(minute, ENDING_SECONDS)), now + ENDING_SECONDS * 1000)
        : now + UNDER_WAY_SECONDS * 1000,
    );
  }
  return ends.length === 0 ? undefined : instant(new Date(Math.min(...ends)));
}
