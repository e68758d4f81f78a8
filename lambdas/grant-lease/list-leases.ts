import type { AccessAnswers, AccessAsks } from '../contracts/access-requests.ts';
import { accessOf } from '../core/access/access-inventory.ts';
import { callerKey } from '../core/access/caller.ts';
import { actingForPartition, holderPartition, leasablePartition } from '../core/access/lease-pointers.ts';
import { viewOf } from '../core/access/lease-view.ts';
import type { Lease, LeaseView } from '../core/access/lease.ts';
import { LockstepError } from '../core/errors.ts';
import type { GrantPorts } from './grant-ports.ts';
import { actingForOf } from './on-record.ts';
import { rightTo, type Asking } from './right.ts';
import { showLease } from './show-lease.ts';

/** Leases in one answer. */
const PAGE = 50;
/** Pages that are read for one answer: whoever sees few of many asks again from where it ended. */
const MOST_PAGES = 20;

/** Where an answer ended: the partition, and the pointer in it. */
interface Place {
  readonly partition: string;
  readonly after?: string;
}

/**
 * Leases that are not over, page by page: the caller's own, those of agents that act for it, and those of everything
 * whose leases policy lets it revoke. One who may not see what was named is shown none, as if there were none.
 */
export async function listLeases(
  ports: GrantPorts,
  asking: Asking,
  ask: AccessAsks['leases'],
): Promise<AccessAnswers['leases']> {
  if (ask.lease !== undefined) return showLease(ports, asking, ask.lease);
  const partitions = partitionsFor(ports, asking, ask.leasable);
  let place = startOf(partitions, ask.after);
  const leases = new Map<string, LeaseView>();
  for (let page = 1; place && leases.size < PAGE && page <= MOST_PAGES; page += 1) {
    const { partition, after }: Place = place;
    const limit = PAGE - leases.size;
    const rows = await ports.ledger.page('lease-index', partition, {
      ...(after === undefined ? {} : { after }),
      limit,
    });
    const found = await Promise.all(rows.map(({ body }) => ports.ledger.read('lease', body.lease, 'lease')));
    for (const row of found) {
      if (row && isShown(asking, ask, partition, row.body)) leases.set(row.body.id, viewOf(row.body));
    }
    const last = rows.at(-1)?.id;
    place =
      rows.length < limit || last === undefined ? behind(partitions, partition) : { partition, after: last };
  }
  return { leases: [...leases.values()], ...(place ? { after: asText(place) } : {}) };
}

/** An agent is shown what it holds for the person that it acts for now: whoever speaks through it learns of nobody else. */
const isShown = (
  { caller }: Asking,
  { leasable }: AccessAsks['leases'],
  partition: string,
  lease: Lease,
): boolean =>
  (leasable === undefined || lease.leasable === leasable) &&
  (partition !== holderPartition(callerKey(caller)) || lease.actingFor === actingForOf(caller).actingFor);

function partitionsFor(ports: GrantPorts, asking: Asking, leasable: string | undefined): readonly string[] {
  const { leasables } = accessOf(ports.inventory);
  const key = callerKey(asking.caller);
  const visible = leasables
    .filter(({ name }) => leasable === undefined || name === leasable)
    .filter((each) => rightTo(ports, asking, 'revoke', each).allowed)
    .map(({ name }) => leasablePartition(name));
  if (leasable !== undefined && visible.length > 0) return visible;
  return [
    ...visible,
    holderPartition(key),
    ...(asking.caller.is === 'person' ? [actingForPartition(key)] : []),
  ];
}

/** A place that a caller hands back: only within what it may see now. */
function startOf(partitions: readonly string[], after: string | undefined): Place | undefined {
  const [first] = partitions;
  if (after === undefined) return first === undefined ? undefined : { partition: first };
  const [partition = '', id] = after.split('|', 2).map(decoded);
  if (partitions.includes(partition))
    return { partition, ...(id === undefined || id === '' ? {} : { after: id }) };
  throw new LockstepError(
    'MALFORMED_REQUEST',
    'after is not where an answer to this question ended; ask from the start',
  );
}

function behind(partitions: readonly string[], partition: string): Place | undefined {
  const next = partitions[partitions.indexOf(partition) + 1];
  return next === undefined ? undefined : { partition: next };
}

const asText = ({ partition, after = '' }: Place): string =>
  [partition, after].map(encodeURIComponent).join('|');

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
