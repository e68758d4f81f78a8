import { accessOf, type Leasable } from '../core/access/access-inventory.ts';
import { queue } from '../core/access/lease-end.ts';
import { indexPlaces, point } from '../core/access/lease-pointers.ts';
import type { Lease } from '../core/access/lease.ts';
import { makeEvent } from '../core/make-event.ts';
import type { LeaseAtTarget } from '../core/ports/leaser.ts';
import { create, replace, type LedgerRow } from '../core/ports/ledger.ts';
import { instant, type Instant } from '../core/time.ts';
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
 * Writes down what a target has and the ledger does not, as a lease that is ending: so it is ended like every other one,
 * within the budget of its target, for as long as it takes, and where everybody sees it. Answers how many there were.
 */
export async function takeIn(
  ports: SweepPorts,
  leasable: Leasable,
  found: readonly Found[],
): Promise<number> {
  const source = { ...ports, environment: ports.inventory.environment };
  let taken = 0;
  for (const each of found) {
    const lease = leaseOf(ports, leasable, each);
    const writes = [
      each.row ? replace(each.row, lease) : create('lease', lease.id, 'lease', lease),
      ...indexPlaces(lease).map((place) => point(place, lease.id)),
      queue(lease, instant(ports.clock())),
    ];
    const events = [makeEvent(source, 'lease.due', { lease: lease.id })];
    const isMine = await ports.ledger.commit(writes, events).then(
      () => true,
      (error: unknown) => ignoreConflict(error) ?? false,
    );
    if (!isMine) continue;
    taken += 1;
    ports.metrics.count('lockstep_lease_findings', { action: 'unknown' });
  }
  return taken;
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
