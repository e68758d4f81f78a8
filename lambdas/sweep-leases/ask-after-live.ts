import { accessOf, type Leasable } from '../core/access/access-inventory.ts';
import { leasablePartition } from '../core/access/lease-pointers.ts';
import type { Lease } from '../core/access/lease.ts';
import { tellToEnd } from '../core/access/tell-to-end.ts';
import { instant, secondsBetween } from '../core/time.ts';
import type { Progress } from './claim-target.ts';
import { tellIfDue } from './sweep-due.ts';
import { BUDGET, type SweepPorts } from './sweep-ports.ts';

/** What ends sooner than this is not asked after: its target may go by another clock. */
const LIVES_ON_SECONDS = 60;

/**
 * Asks a target, a few in each round, whether it still knows the leases that the ledger has as live. One that it refuses
 * already is over: its role was dropped by hand, or the target restored from before it was made. Its holder hears so when
 * it renews, and what it counted for is given back.
 *
 * @returns how far it has come, and how many have been told to end
 */
export async function askAfterLive(
  ports: SweepPorts,
  target: string,
  before: Progress['askedAfter'],
): Promise<{ readonly askedAfter?: NonNullable<Progress['askedAfter']>; readonly told: number }> {
  const leasables = accessOf(ports.inventory).leasables.filter(
    ({ authority, kind }) => (authority ?? kind) === target,
  );
  const leasable = leasables.find(({ name }) => name === before?.leasable) ?? leasables[0];
  if (!leasable) return { told: 0 };
  const after = leasable.name === before?.leasable ? before.after : undefined;
  const pointers = await ports.ledger.page('lease-index', leasablePartition(leasable.name), {
    ...(after === undefined ? {} : { after }),
    limit: BUDGET.askedAfter,
  });
  const told = await Promise.all(pointers.map(({ body }) => askAfter(ports, leasable, body.lease)));
  const following = leasables[(leasables.indexOf(leasable) + 1) % leasables.length] ?? leasable;
  const last = pointers.at(-1)?.id;
  return {
    told: told.filter((isTold) => isTold).length,
    askedAfter:
      pointers.length < BUDGET.askedAfter || last === undefined
        ? { leasable: following.name }
        : { leasable: leasable.name, after: last },
  };
}

async function askAfter(ports: SweepPorts, { name, kind }: Leasable, id: string): Promise<boolean> {
  // Where its minute has passed and nobody told it, its pointer is gone: here it is found all the same.
  const lease = await tellIfDue(ports, id);
  if (!lease || !livesOn(ports, lease)) return false;
  const { refused } = await ports.leases.call(kind, {
    do: 'is-refused',
    leasable: name,
    lease: id,
    fence: lease.fence,
  });
  if (refused !== 'refused') return false;
  // As it was when it was asked after: a renewal since then has met the target itself.
  const isSame = ({ fence, phase }: Lease): boolean => fence === lease.fence && phase === 'live';
  const now = await tellToEnd(ports, id, { why: 'lost', by: ports.functionName }, isSame);
  if (now?.phase !== 'ending') return false;
  ports.metrics.count('lockstep_lease_findings', { action: 'told' });
  return true;
}

/** What its target cannot end, it cannot refuse either. */
const livesOn = ({ clock, capabilitiesOf }: SweepPorts, { phase, kind, expiresAt }: Lease): boolean =>
  phase === 'live' &&
  capabilitiesOf(kind)?.revocable === true &&
  secondsBetween(instant(clock()), expiresAt) > LIVES_ON_SECONDS;
