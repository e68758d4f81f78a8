import { accessOf, type Leasable } from '../core/access/access-inventory.ts';
import { queue, queueFrom } from '../core/access/lease-end.ts';
import { indexPlaces, point } from '../core/access/lease-pointers.ts';
import type { Lease } from '../core/access/lease.ts';
import { makeEvent } from '../core/make-event.ts';
import type { LeaseAtTarget } from '../core/ports/leaser.ts';
import type { EventOf } from '../core/events.ts';
import { create, replace, type LedgerRow } from '../core/ports/ledger.ts';
import { instant, secondsAfter, type Instant } from '../core/time.ts';
import { ignoreConflict } from './ignore-conflict.ts';
import type { SweepPorts } from './sweep-ports.ts';

/** Something at a target that should not be there. */
export interface Found {
  readonly id: string;
  readonly key: LeaseAtTarget;
  /** What the ledger has of it: nothing, or that it has ended. */
  readonly row?: LedgerRow<'lease'>;
}

/** Above every fence that a lease can have. */
const LAST_FENCE = 2_000_000_000;

/**
 * How long what the ledger never knew is left alone, in seconds: as long as two comparisons. It may be live for somebody,
 * where a ledger was lost, or restored to a time before it.
 */
const LEFT_ALONE_SECONDS = 600;

/**
 * Writes down what a target has and the ledger does not, as a lease that is ending: so it is ended like every other one,
 * within the budget of its target, for as long as it takes, and where everybody sees it. What the ledger has as ended is
 * ended again at once; what it never knew on-call is told of, and it is ended later. Answers how many are to be ended now.
 */
export async function takeIn(
  ports: SweepPorts,
  leasable: Leasable,
  found: readonly Found[],
): Promise<number> {
  let told = 0;
  let isPaged = false;
  for (const each of found) {
    const isKnown = each.row !== undefined;
    const isMine = await takeInOne(ports, leasable, each, !isKnown && !isPaged);
    if (!isMine) continue;
    if (isKnown) told += 1;
    else isPaged = true;
    ports.metrics.count('lockstep_lease_findings', { action: 'unknown' });
  }
  return told;
}

/** The page of a comparison goes with the first that it is about: no crash leaves one without. */
async function takeInOne(
  ports: SweepPorts,
  leasable: Leasable,
  found: Found,
  pages: boolean,
): Promise<boolean> {
  const source = { ...ports, environment: ports.inventory.environment };
  const lease = leaseOf(ports, leasable, found);
  const now = instant(ports.clock());
  const from = secondsAfter(now, LEFT_ALONE_SECONDS);
  const writes = [
    found.row ? replace(found.row, lease) : create('lease', lease.id, 'lease', lease),
    ...indexPlaces(lease).map((place) => point(place, lease.id)),
    found.row ? queue(lease, now) : queueFrom(lease, from),
  ];
  const events = [
    ...(found.row ? [makeEvent(source, 'lease.due', { lease: lease.id })] : []),
    ...(pages ? [pageOf(ports, lease, from)] : []),
  ];
  return ports.ledger.commit(writes, events).then(
    () => true,
    (error: unknown) => ignoreConflict(error) ?? false,
  );
}

/** One a day for each target: a receiver folds the others into it. */
function pageOf(
  ports: SweepPorts,
  { id, key = id, target }: Lease,
  from: Instant,
): EventOf<'page.requested'> {
  const { environment } = ports.inventory;
  const at = instant(ports.clock());
  return makeEvent({ ...ports, environment }, 'page.requested', {
    page: {
      id: `unknown-leases-${target}-${at.slice(0, 10)}`,
      severity: 'high',
      title: `${target}: leases that nobody issued`,
      subject: target,
      reasons: [
        `The target has ${key}, which the ledger of ${environment} has never heard of, and maybe more.`,
        'It carries the mark of this deployment: the ledger or the target was restored or lost, or somebody made it by hand.',
        `What is found so is ended ten minutes later: this one at ${from}.`,
      ],
      firstCommand: 'lockstep leases',
      at,
    },
  });
}

/** By what it was found by, it can be ended: the inventory may have lost what it was leased as. */
function leaseOf(
  { inventory, clock, functionName }: SweepPorts,
  asked: Leasable,
  { id, key, row }: Found,
): Lease {
  const at = instant(clock());
  const known = row?.body;
  const isDeclared = accessOf(inventory).leasables.some(
    ({ name, kind }) => name === known?.leasable && kind === known.kind,
  );
  const { kind, authority: target = kind } = asked;
  return {
    ...(known ?? unknownLease(asked, id, at, key.expiresAt)),
    ...(isDeclared ? {} : { leasable: asked.name, kind, target }),
    key: key.key,
    phase: 'ending',
    end: { why: 'found', by: functionName, at },
    isUncounted: true,
    gates: [],
    fence: LAST_FENCE,
  };
}

/** Nobody knows whose it was. */
const unknownLease = (
  { name, kind, tier, authority = kind }: Leasable,
  id: string,
  at: Instant,
  expiresAt: Instant = at,
): Lease => ({
  id,
  leasable: name,
  kind,
  tier,
  target: authority,
  phase: 'ending',
  holder: 'nobody',
  principal: 'nobody',
  purpose: 'unknown',
  requestId: id,
  gates: [],
  policies: [],
  issuedAt: at,
  dueAt: at,
  expiresAt,
  longestUntil: expiresAt,
  renewals: 0,
  failedEnds: 0,
  fence: LAST_FENCE,
});
