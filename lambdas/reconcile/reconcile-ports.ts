import type { AuditPorts } from '../core/audit/audited-effect.ts';
import type { Credential, Inventory } from '../core/credential.ts';
import type { CredentialState } from '../core/ledger-rows.ts';
import type { Bus } from '../core/ports/bus.ts';
import type { Ledger, Outbox } from '../core/ports/ledger.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import type { TargetFunctions } from '../core/ports/targets.ts';
import type { SecretDescription, Vault } from '../core/ports/vault.ts';
import type { Rotation } from '../core/rotation/rotation.ts';

/** What reconcile needs from outside. It describes secrets, reads no value, and reaches targets through their functions. */
export interface ReconcilePorts extends AuditPorts {
  readonly inventory: Inventory;
  readonly ledger: Ledger;
  readonly outbox: Outbox;
  readonly vault: Pick<Vault, 'describe'>;
  readonly bus: Bus;
  readonly targets: TargetFunctions;
  readonly metrics: Metrics;
  readonly functionName: string;
  /** How long a rotation may stand before promotion until it counts as stuck. */
  readonly stuckAfterSeconds: number;
  /** How often the target is asked for keys that nobody knows. */
  readonly orphansEverySeconds: number;
}

/** Something that was out of step, and what became of it. `reported` is what reconcile may not touch. */
export interface Discrepancy {
  readonly credential: string;
  readonly action: 'finished' | 'reversed' | 'republished' | 'stripped' | 'reaped' | 'reported' | 'failed';
  readonly what: string;
}

/** One credential as vault and ledger show it. */
export interface Situation {
  readonly credential: Credential;
  readonly secret: SecretDescription;
  readonly state: CredentialState | undefined;
  readonly active: Rotation | undefined;
}

/** A discrepancy of one credential. */
export const discrepancy = (
  { credential }: Situation,
  action: Discrepancy['action'],
  what: string,
): Discrepancy => ({ credential: credential.name, action, what });
