import type { Inventory } from '../core/credential.ts';
import type { AuditAppender } from '../core/ports/audit.ts';
import type { Ledger } from '../core/ports/ledger.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import type { Clock } from '../core/time.ts';

/** What the watch needs from outside. */
export interface DetectPorts {
  readonly inventory: Inventory;
  /** The account that Lockstep runs in; twelve zeros in the embedded world. */
  readonly account: string;
  readonly ledger: Ledger;
  readonly audit: AuditAppender;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /**
   * How long one finding speaks for repeated accesses of one sort, and one page for findings of one rule and
   * principal.
   *
   * @default an hour
   */
  readonly windowSeconds?: number;
}

/** What keeping a finding needs. */
export interface FindingPorts extends Pick<
  DetectPorts,
  'ledger' | 'audit' | 'metrics' | 'clock' | 'windowSeconds'
> {
  readonly inventory: Pick<Inventory, 'environment'>;
  /**
   * The function that found it.
   *
   * @default 'detect-access'
   */
  readonly functionName?: string;
}

/** An hour: long enough that a loop does not wake somebody twice, short enough that what goes on is told again. */
export const WINDOW_SECONDS = 3600;
