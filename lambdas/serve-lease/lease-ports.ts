import type { Inventory } from '../core/credential.ts';
import type { Leaser } from '../core/ports/leaser.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import type { Vault } from '../core/ports/vault.ts';
import type { Clock } from '../core/time.ts';

/** Everything a lease function works with. One function serves one kind, and writes no ledger. */
export interface LeasePorts {
  readonly inventory: Inventory;
  /** The mark of this deployment: what it lists, and all that it touches. */
  readonly mark: string;
  readonly kind: string;
  readonly leaser: Leaser;
  readonly vault: Pick<Vault, 'read'>;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** How metrics name this function. */
  readonly functionName: string;
}
