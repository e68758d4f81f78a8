import type { AccessAnswers, AccessAskName, AccessAsks } from '../contracts/access-requests.ts';
import type { Caller } from '../core/access/caller.ts';
import type { AuditPorts } from '../core/audit/audited-effect.ts';
import type { Inventory } from '../core/credential.ts';
import type { RandomBytes } from '../core/ports/ids.ts';
import type { LeaseFunctions } from '../core/ports/lease-functions.ts';
import type { LeaserCapabilities } from '../core/ports/leaser.ts';
import type { Ledger } from '../core/ports/ledger.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import type { PolicyEngine } from '../core/ports/policy-engine.ts';
import type { Timer } from '../core/ports/timer.ts';
import type { Secret } from '../core/secret.ts';

/** What the broker needs from outside. It reads no secret and reaches no target: lease functions do. */
export interface GrantPorts extends AuditPorts {
  /** With its `access`; without it nothing can be leased. */
  readonly inventory: Inventory;
  /** The mark of this deployment: how the id of every lease begins. */
  readonly mark: string;
  readonly ledger: Ledger;
  readonly policy: PolicyEngine;
  readonly leases: LeaseFunctions;
  readonly timer: Timer;
  readonly metrics: Metrics;
  /** Ids of leases, and how long to wait behind somebody who was first. */
  readonly randomBytes: RandomBytes;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** What a kind of lease can do: `capabilities` of its `kind.ts`. `undefined` for a kind that there is not. */
  readonly capabilitiesOf: (kind: string) => LeaserCapabilities | undefined;
  /** Who acts for the caller, in the audit. */
  readonly functionName: string;
}

/** What the door knows of a request besides who makes it. */
export interface AtTheDoor {
  /** The address that it came from, where the world knows it. */
  readonly source?: string;
  /** The caller's own token, for kinds that exchange it. */
  readonly proof?: Secret;
}

/**
 * Answers one ask of a caller whose identity was proved.
 *
 * Errors are what the caller may know: `POLICY_DENIED` says the same of what there is not, of what policy denies and of
 * what would be wrong otherwise, to whoever has no right there; the others name the rule that was met. `LEASE_LIMIT`
 * carries `retryAfterSeconds`. Those of ports pass through (`LEDGER_UNAVAILABLE`, `AUDIT_UNAVAILABLE`, `TARGET_…`).
 */
export type GrantLease = <N extends AccessAskName>(
  caller: Caller,
  ask: { readonly ask: N } & AccessAsks[N],
  door?: AtTheDoor,
) => Promise<AccessAnswers[N]>;
