import type { Approval } from './access/approval.ts';
import type { Lease } from './access/lease.ts';
import type {
  ApprovalPointer,
  LeaseAsk,
  LeaseEnding,
  LeaseKnown,
  LeaseOrder,
  LeasePointer,
  LeaseQuota,
  LeaseReview,
  LeaseSwept,
  LeaseTarget,
  TokenUse,
} from './access/lease-rows.ts';
import type { Cause, Change } from './events.ts';
import type { Rotation } from './rotation/rotation.ts';
import type { WriteBudget } from './rotation/write-budget.ts';
import type { Attempt } from './watch/attempt.ts';
import type { DenialCell } from './watch/denial-cell.ts';
import type { Finding } from './watch/finding.ts';
import type { Incident } from './watch/incident.ts';
import type { Instant } from './time.ts';

/** A stop on starting, disabling and revoking. Adoption goes on. Ends with `release` only. */
export interface Hold {
  readonly by: string;
  readonly reason: string;
  readonly since: Instant;
}

/** What the ledger knows of a credential, one row each (id `state`). */
export interface CredentialState {
  /** Set once by adoption; until then nothing rotates. */
  readonly adoptedAt?: Instant;
  /** The version that holds AWSCURRENT as far as Lockstep moved it. */
  readonly current?: string;
  /** The public half of that version: a role name, a key id. Never a value. */
  readonly currentKey?: string;
  readonly currentSince?: Instant;
  /** The rotation that is not over, if any: at most one per credential. */
  readonly active?: string;
  /** Grows with every rotation; a target refuses an effect that carries an older one. */
  readonly fence: number;
  readonly hold?: Hold;
}

/** Exclusive right to change a credential's account at its target (id `lock`). */
export interface Lock {
  readonly holder: string;
  readonly fence: number;
  readonly until: Instant;
  /** Its holder has ended without writing down what it did: only whoever comes to finish that may take it before its time. */
  readonly keptFor?: string;
}

/** What is expected of one dependent. The nonce is sent to it; the digest proves its tag without the value. */
export interface ExpectedTag {
  readonly workload: string;
  readonly nonce: string;
  /** SHA-256 of the acknowledgement tag, hex. */
  readonly tagDigest: string;
}

/**
 * Written once by a target function, which alone can read the value; frozen from then on. One per version
 * and cause (id `<rotation>#<n>`).
 */
export interface Expectation {
  readonly rotation: string;
  readonly version: string;
  readonly change: Change;
  readonly at: Instant;
  readonly expected: Readonly<Record<string, ExpectedTag>>;
}

/** A dependent's proof (id `<expectation>#<dependent>`), written by `acknowledge` alone and verified again by whoever counts it. */
export interface Acknowledgement {
  readonly expectation: string;
  readonly rotation: string;
  readonly dependent: string;
  readonly tag: string;
  readonly at: Instant;
  /** How long the dependent says its read of the vault took, in milliseconds. */
  readonly fetchMs?: number;
}

/** How far telling one dependent of one change has come (id `<rotation>#<change>#<dependent>`). */
export interface Delivery {
  readonly rotation: string;
  readonly change: Change;
  readonly dependent: string;
  readonly status: 'told' | 'failing' | 'gone';
  readonly attempts: number;
  readonly lastError?: string;
  readonly at: Instant;
}

/**
 * A stretch in which a target function has a reason to read a credential outside a rotation. Written before
 * the read, and kept for days after it closes: records of reads come late, and the watch compares them with
 * it.
 */
export interface Intent {
  readonly purpose: 'observation' | 'reconcile' | 'adoption' | 'breach';
  readonly by: string;
  readonly openedAt: Instant;
  readonly closesAt: Instant;
}

/** A request that was refused, kept so that `history` can show it. */
export interface Refusal {
  readonly cause: Cause;
  readonly by: string;
  readonly code: string;
  readonly message: string;
  readonly at: Instant;
}

/** The body of each family of rows. */
export interface LedgerBodies {
  readonly credential: CredentialState;
  readonly rotation: Rotation;
  readonly lock: Lock;
  readonly expectation: Expectation;
  readonly acknowledgement: Acknowledgement;
  readonly delivery: Delivery;
  readonly intent: Intent;
  readonly refusal: Refusal;
  readonly finding: Finding;
  /** A principal's refused calls in one stretch (partition: the principal; id: the start of the stretch). */
  readonly denial: DenialCell;
  /** How a principal fared with a secret on one day (partition: the principal; id `<day>#<secret>`). */
  readonly attempt: Attempt;
  /** What on-call has been told of one rule and principal (partition: the principal). */
  readonly incident: Incident;
  /** When the vault may be written to next (partition `vault`, id `writes`): one row for everybody. */
  readonly budget: WriteBudget;
  readonly lease: Lease;
  readonly 'lease-index': LeasePointer;
  readonly 'lease-due': LeasePointer;
  readonly 'lease-ending': LeaseEnding;
  readonly 'lease-target': LeaseTarget;
  readonly 'lease-known': LeaseKnown;
  readonly 'lease-swept': LeaseSwept;
  readonly 'lease-quota': LeaseQuota;
  readonly 'lease-ask': LeaseAsk;
  readonly 'lease-order': LeaseOrder;
  readonly 'lease-review': LeaseReview;
  readonly approval: Approval;
  readonly 'approval-index': ApprovalPointer;
  readonly token: TokenUse;
}
