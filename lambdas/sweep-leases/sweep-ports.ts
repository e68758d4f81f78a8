import type { AuditPorts } from '../core/audit/audited-effect.ts';
import type { Inventory } from '../core/credential.ts';
import type { LeaseFunctions } from '../core/ports/lease-functions.ts';
import type { LeaserCapabilities } from '../core/ports/leaser.ts';
import type { Ledger } from '../core/ports/ledger.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import { instant, reached, secondsBetween, type Clock, type Instant } from '../core/time.ts';

/** An attempt that came to nothing. */
export interface FailedEnd {
  readonly lease: string;
  readonly leasable: string;
  readonly target: string;
  readonly code: string;
  readonly what: string;
}

/** What the sweeper needs from outside. It issues nothing, reads no secret, and reaches targets through lease functions. */
export interface SweepPorts extends AuditPorts {
  readonly inventory: Inventory;
  readonly ledger: Ledger;
  readonly leases: LeaseFunctions;
  readonly metrics: Metrics;
  /** What a kind of lease can do: `capabilities` of its `kind.ts`. `undefined` for a kind that there is not (any more). */
  readonly capabilitiesOf: (kind: string) => LeaserCapabilities | undefined;
  /** Told of every attempt to end a lease that came to nothing, for a log. Never a secret, nor a foreign error's text. */
  readonly onFailedEnd?: (failed: FailedEnd) => void;
  /** Who ends leases, in the audit. */
  readonly functionName: string;
}

/** What one round may cost. Everything that is left is left in the ledger, and the next round goes on with it. */
export const BUDGET = {
  /** Leases that are told to end because their time has come. */
  dueLeases: 500,
  /** Orders to revoke, and pages of each. */
  orders: 10,
  orderPages: 40,
  /** Leases that are ended at one target. */
  ends: 200,
  /** Pages that a target is asked for what it has of ours. */
  comparedPages: 10,
  /** Live leases of which a target is asked whether it still knows them. */
  askedAfter: 20,
  /** When no new page is compared any more, in seconds. */
  comparedSeconds: 15,
  /** When no new batch is begun at a target any more, in seconds. */
  seconds: 45,
} as const;

/** Over, or further ahead than it can have been written: then the clock was set back meanwhile. */
export const isPast = (until: Instant, longestSeconds: number, clock: Clock): boolean =>
  reached(until, clock()) || secondsBetween(instant(clock()), until) > longestSeconds;
