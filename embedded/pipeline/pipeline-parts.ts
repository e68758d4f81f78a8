import type { FunctionName } from '../../lambdas/contracts/names.ts';
import type { VerifySignature } from '../../lambdas/core/audit/verify.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';
import type { AuditStore, HeadStore } from '../../lambdas/core/ports/audit.ts';
import type { Bus, DeadLetters } from '../../lambdas/core/ports/bus.ts';
import type { NewId, RandomBytes } from '../../lambdas/core/ports/ids.ts';
import type { Leaser, LeaserCapabilities } from '../../lambdas/core/ports/leaser.ts';
import type { Ledger, Outbox } from '../../lambdas/core/ports/ledger.ts';
import type { Metrics } from '../../lambdas/core/ports/metrics.ts';
import type { Pager } from '../../lambdas/core/ports/pager.ts';
import type { PolicyEngine } from '../../lambdas/core/ports/policy-engine.ts';
import type { Propagator } from '../../lambdas/core/ports/propagator.ts';
import type { Rotator } from '../../lambdas/core/ports/rotator.ts';
import type { SecretCatalog } from '../../lambdas/core/ports/secret-catalog.ts';
import type { Signer } from '../../lambdas/core/ports/signer.ts';
import type { Timer } from '../../lambdas/core/ports/timer.ts';
import type { TokenVerifier } from '../../lambdas/core/ports/token-verifier.ts';
import type { Vault } from '../../lambdas/core/ports/vault.ts';
import type { Secret } from '../../lambdas/core/secret.ts';
import type { Clock, Instant } from '../../lambdas/core/time.ts';
import type { Discrepancy } from '../../lambdas/reconcile/reconcile-ports.ts';

/** Limits that differ between a workspace on one machine and one on AWS. */
export interface PipelineLimits {
  readonly lockSeconds: number;
  readonly stuckAfterSeconds: number;
  readonly orphansEverySeconds: number;
  /** How long one finding and one page speak for repeated accesses of one sort. An hour where absent. */
  readonly windowSeconds?: number;
  /** How many writes to the vault may be made in a second. What Lockstep takes of AWS's quota where absent. */
  readonly vaultWritesPerSecond?: number;
}

/** What leases need besides: only where something can be leased. */
export interface AccessParts {
  readonly policy: PolicyEngine;
  readonly tokens: TokenVerifier;
  /** The leaser of a kind. */
  readonly leaserFor: (kind: string) => Leaser;
  readonly capabilitiesOf: (kind: string) => LeaserCapabilities | undefined;
  readonly randomBytes: RandomBytes;
}

/** What the functions of the pipeline are wired to: the ports of one world, real or simulated. */
export interface PipelineParts {
  readonly inventory: Inventory;
  /** The mark of this deployment at targets. */
  readonly mark: string;
  readonly ledger: Ledger;
  readonly outbox: Outbox;
  readonly timer: Timer;
  readonly bus: Bus;
  readonly deadLetters: DeadLetters;
  readonly chains: AuditStore;
  readonly heads: HeadStore;
  readonly signer: Signer;
  readonly verifySignature: VerifySignature;
  readonly metrics: Metrics;
  readonly pager: Pager;
  /** The vault as one function may use it. */
  readonly vaultFor: (name: FunctionName) => Vault;
  readonly catalog: SecretCatalog;
  readonly access?: AccessParts;
  readonly rotatorFor: (kind: string) => Rotator;
  /** The propagator of a kind, given the door to the signing keys. */
  readonly propagatorFor: (
    kind: string,
    signingKeys: (credential: string) => Promise<readonly Secret[]>,
  ) => Propagator;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly random: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly limits: PipelineLimits;
  /** Since when the world works; absent where nobody has to be waited for. */
  readonly upSince?: Instant;
  /** Something that reconcile found, and what became of it: for the log. */
  readonly onDiscrepancy?: (found: Discrepancy) => void;
}
