import { leaveGate } from '../core/access/lease-gate.ts';
import { sharePartition, sharesOf } from '../core/access/lease-pointers.ts';
import type { Lease } from '../core/access/lease.ts';
import { replace, type LedgerWrite } from '../core/ports/ledger.ts';
import { secondsAfter, type Instant } from '../core/time.ts';
import type { SweepPorts } from './sweep-ports.ts';

/** A quota of which nothing is used may be forgotten: whoever comes next begins a new one. */
const UNUSED_KEPT_SECONDS = 7 * 86_400;

interface Quota {
  readonly partition: string;
  readonly id: string;
  readonly leases: number;
}

/** What gives back the quotas of leases that are over, each row once. */
export async function quotaWrites(
  { ledger }: Pick<SweepPorts, 'ledger'>,
  leases: readonly Lease[],
  at: Instant,
): Promise<readonly LedgerWrite[]> {
  const quotas = new Map<string, Quota>();
  for (const { partition, id } of leases.flatMap(quotasOf)) {
    const key = JSON.stringify([partition, id]);
    quotas.set(key, { partition, id, leases: (quotas.get(key)?.leases ?? 0) + 1 });
  }
  const writes = await Promise.all(
    [...quotas.values()].map(async ({ partition, id, leases: count }) => {
      const row = await ledger.read('lease-quota', partition, id);
      if (!row) return [];
      const after = leaveGate(row.body, count);
      // Only a holder's: what there is for all is read at every issue.
      const isUnused = after.live === 0 && id !== 'use';
      return [replace(row, after, isUnused ? secondsAfter(at, UNUSED_KEPT_SECONDS) : undefined)];
    }),
  );
  return writes.flat();
}

const quotasOf = (lease: Lease): readonly Pick<Quota, 'partition' | 'id'>[] =>
  lease.isUncounted === true
    ? []
    : [
        ...sharesOf(lease).map((share) => ({ partition: sharePartition(share), id: lease.leasable })),
        ...lease.gates.map((partition) => ({ partition, id: 'use' })),
      ];
