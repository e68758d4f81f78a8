import { accessOf } from '../core/access/access-inventory.ts';
import type { Inventory } from '../core/credential.ts';
import type { Ledger } from '../core/ports/ledger.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import { instant, secondsBetween, type Clock } from '../core/time.ts';

/** What measuring the sweeper needs from outside. */
export interface SweeperPulsePorts {
  readonly inventory: Inventory;
  readonly ledger: Ledger;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** Leases end by whoever is measured here: it cannot be trusted to say that it does not run. */
export async function measureSweeper({
  inventory,
  ledger,
  metrics,
  clock,
}: SweeperPulsePorts): Promise<void> {
  if (accessOf(inventory).leasables.length === 0) return;
  const swept = await ledger.read('lease-swept', 'all', 'minute');
  // Never swept is as late as can be: the sample must breach, not be missing.
  const age = swept ? secondsBetween(`${swept.body.minute}:00.000Z`, instant(clock())) : 86_400;
  metrics.gauge('lockstep_lease_sweep_age_seconds', {}, Math.max(0, age));
}
