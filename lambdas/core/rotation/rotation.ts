import type { Dependent, RetirePolicy, Strategy } from '../credential.ts';
import type { Cause } from '../events.ts';
import type { Instant } from '../time.ts';

/** Where a rotation is in its life. ARCHITECTURE.md has the table of all phases and events. */
export const PHASES = [
  'requested',
  'issued',
  'installed',
  'verified',
  'promoted',
  'adopting',
  'adopted',
  'disabled',
  'retired',
  'failed',
  'abandoned',
  'rolling-back',
  'rolled-back',
] as const;
export type Phase = (typeof PHASES)[number];

/** The four steps of Secrets Manager, in its own words. */
export const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
export type StepName = (typeof STEPS)[number];

/** The phases before promotion, in order: the predecessor is AWSCURRENT and nobody has been told anything. */
export type ReachedPhase = 'requested' | 'issued' | 'installed' | 'verified';

/** A version and its public half at the target. Never a value. */
export interface VersionRef {
  /** VersionId in the vault. */
  readonly version: string;
  /** What the target calls it: a role name, a key id, a fingerprint. */
  readonly key: string;
}

/** How it is known that a dependent uses the version that is expected of it. */
export interface Adoption {
  readonly by: 'acknowledgement' | 'evidence' | 'force' | 'deadline-policy';
  readonly at: Instant;
  /** Who forced it, and why. */
  readonly who?: string;
  readonly reason?: string;
}

/** What observation has shown of a dependent that proves itself by sessions at the target. */
export interface EvidenceTrail {
  /** Since when every sample has shown it on the expected version only. */
  readonly cleanSince?: Instant;
  readonly lastSampleAt: Instant;
}

/** Somebody still uses the version that is about to go. */
export interface NegativeEvidence {
  readonly at: Instant;
  /** Dependents that the sessions could be attributed to; empty where they could not. */
  readonly dependents: readonly string[];
  /** What was seen, in plain words. */
  readonly seen: string;
}

/** The way back to the predecessor, once it has been ordered. */
export interface Rollback {
  readonly requestedAt: Instant;
  readonly by: string;
  readonly reason: string;
  /** The predecessor works and holds AWSCURRENT again. */
  readonly restoredAt?: Instant;
  /** The dependents have been sent for. */
  readonly toldAt?: Instant;
  readonly returned: Readonly<Record<string, Adoption>>;
  readonly returnedAt?: Instant;
}

/** One change of one credential, named by its token (= ClientRequestToken = VersionId of the successor). */
export interface Rotation {
  readonly credential: string;
  readonly token: string;
  readonly kind: string;
  readonly strategy: Strategy;
  readonly cause: Cause;
  readonly requestedBy: string;
  readonly reason?: string;
  /** Identifies the request, so that a repeated one is recognised. */
  readonly requestId: string;
  readonly fence: number;
  readonly phase: Phase;
  /** While `failed`: how far it had come; its steps may still be replayed from there. */
  readonly reached: ReachedPhase;
  readonly predecessor?: VersionRef;
  readonly successor?: VersionRef;
  /** Frozen at `verified`: who is expected to adopt, and by which rules. */
  readonly dependents: readonly Dependent[];
  readonly retire: RetirePolicy;
  /** The target shows who uses a version, so it is asked before anything is stopped. */
  readonly observable: boolean;
  readonly requestedAt: Instant;
  readonly verifiedAt?: Instant;
  readonly promotedAt?: Instant;
  /** Since when the dependents are being waited for: promotion, or the last un-adoption. */
  readonly adoptingSince?: Instant;
  readonly adoptedAt?: Instant;
  readonly disabledAt?: Instant;
  readonly endedAt?: Instant;
  /** The expectation that acknowledgements are counted against: `<token>#<n>`, `n` growing with each un-adoption or roll-back. */
  readonly expectation?: string;
  readonly adoption: Readonly<Record<string, Adoption>>;
  readonly evidence: Readonly<Record<string, EvidenceTrail>>;
  readonly observedAt?: Instant;
  readonly inUse?: NegativeEvidence;
  readonly deadlineDecidedAt?: Instant;
  /** The last failure of a step that has not worked since. `attempts`: how often a step has failed without one further on working. */
  readonly failure?: {
    readonly step: StepName;
    readonly code: string;
    readonly message: string;
    readonly at: Instant;
    readonly attempts: number;
  };
  readonly rollback?: Rollback;
  /** The target was asked with the old value after the revoke, and refused it. */
  readonly provenRefusedAt?: Instant;
  /** Why it ended, where that is not the straight way. */
  readonly endedBecause?: string;
}

/** A rotation that nothing will move again. */
export const isOver = ({ phase }: Pick<Rotation, 'phase'>): boolean =>
  phase === 'retired' || phase === 'abandoned' || phase === 'rolled-back';

/** A rotation whose token must never have an effect again: the guard refuses it for ever. */
export const hasEndedWithoutSuccess = ({ phase }: Pick<Rotation, 'phase'>): boolean =>
  phase === 'abandoned' || phase === 'rolled-back' || phase === 'rolling-back';

/** The dependents that have not proved that they use the successor. */
export const missingAdopters = (rotation: Rotation): readonly Dependent[] =>
  rotation.dependents.filter(({ name }) => rotation.adoption[name] === undefined);

/** The dependents that have not returned to the predecessor after a roll-back. */
export const missingReturners = (rotation: Rotation): readonly Dependent[] =>
  rotation.dependents.filter(({ name }) => rotation.rollback?.returned[name] === undefined);
