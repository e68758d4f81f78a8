import type { Credential, Dependent } from '../credential.ts';
import type { VersionRef } from '../rotation/rotation.ts';
import type { Secret } from '../secret.ts';
import type { Instant } from '../time.ts';

/** What a target can do. Pure data in `kind.ts`; the conformance suite tests it, nobody trusts it. */
export interface Capabilities {
  /** `issue` has an effect at the target, so it runs under the credential's lock and may leave orphans. */
  readonly mintsAtTarget: boolean;
  /** `disable` can be undone by `enable`. Without it the soak only watches. */
  readonly reversibleDisable: boolean;
  /** Live keys the target allows for one account; `undefined` where it sets no limit that we could meet. */
  readonly liveKeyLimit?: number;
  /** How the target shows who uses a version. */
  readonly evidence: 'sessions' | 'last-used' | 'none';
  /** How long a new value may take to work, in seconds: `verify` keeps trying that long. */
  readonly settlingSeconds: number;
  /** The predecessor ends when the successor is installed: there is no overlap, nothing to disable. */
  readonly endsPredecessorAtInstall: boolean;
}

/** A new value and its public half. */
export interface Issued {
  readonly key: string;
  /** The whole secret string as the vault will hold it. */
  readonly value: Secret;
}

/** A version together with its value. */
export interface HeldVersion extends VersionRef {
  readonly value: Secret;
}

/** What a rotator is given to work with. */
export interface RotatorRequest {
  readonly environment: string;
  /** The mark of this deployment: in the name of whatever is minted, so that no other takes it for its own. */
  readonly mark: string;
  readonly credential: Credential;
  /** The rotation's token; for work outside a rotation the token of the version that is worked on. */
  readonly token: string;
  /** A target that can remember one refuses an effect under a lower fence. */
  readonly fence: number;
  /**
   * Runs `use` with the authority's value. Where the target refuses that login, once more with the
   * authority's pending value: its own rotation may be between install and promotion.
   */
  readonly withAuthority: <T>(use: (authority: Secret) => Promise<T>) => Promise<T>;
}

/** How much one version is used. `unknown` is an answer, and never counts as none. */
export interface Usage {
  readonly sessions: number | 'unknown';
  /** When the target last saw it used, where it says so. */
  readonly lastUsedAt?: Instant;
}

/** What the target shows of the use of two versions at one moment. */
export interface Observation {
  readonly at: Instant;
  readonly successor: Usage;
  readonly predecessor: Usage;
  /** Sessions by dependent, for those that declare how to tell theirs. */
  readonly byDependent: Readonly<
    Record<string, { readonly onSuccessor: number; readonly onPredecessor: number }>
  >;
  /** Sessions on the predecessor that no dependent's declaration matches. */
  readonly strangersOnPredecessor: number;
}

/** A live key at the target that this deployment made for this credential. */
export interface OwnedKey {
  readonly key: string;
  /** The token it was made for, where its name or comment tells. */
  readonly token?: string;
  readonly createdAt?: Instant;
}

/**
 * Changes one kind of credential at the system that owns it.
 *
 * Every method may run again with the same arguments, at any time, alone or twice at once, after a crash
 * or a lost answer, and must then converge rather than repeat its effect. Only `disable`, `revoke` and
 * `endSessions` may stop a working credential. Errors are `TARGET_…`, `SUCCESSOR_REJECTED`, `FENCED_OFF`,
 * `VALUE_MALFORMED`; a foreign error's text never passes.
 */
export interface Rotator {
  readonly capabilities: Capabilities;
  /** The public half of a stored value. Throws `VALUE_MALFORMED` without quoting it. */
  keyOf(value: Secret): string;
  /** Refuses a value that a person supplied if it is not one that this credential's declaration allows. */
  checkFirst(credential: Credential, value: Secret): void;
  /** Makes the successor's value. `current` is absent for a first value and in breach mode may not work. */
  issue(request: RotatorRequest, current: HeldVersion | undefined): Promise<Issued>;
  /**
   * Makes the target accept the successor beside the predecessor. Nothing to do where minting did it.
   * `current` names what must not be touched (confused deputy); absent at adoption.
   */
  install(request: RotatorRequest, successor: HeldVersion, current: VersionRef | undefined): Promise<void>;
  /** Proves a version by using it as its dependents will. Throws `SUCCESSOR_REJECTED` where the target refuses it. */
  verify(request: RotatorRequest, version: HeldVersion): Promise<void>;
  /** What the target knows of the use of two versions. */
  observe(
    request: RotatorRequest,
    versions: { readonly successor: VersionRef; readonly predecessor: VersionRef },
    dependents: readonly Dependent[],
  ): Promise<Observation>;
  /**
   * Stops a version so that `enable` can undo it. Answers `in-use`, having stopped nothing, while it is
   * seen in use. Throws `NOT_SUPPORTED` where the target cannot.
   */
  disable(request: RotatorRequest, version: VersionRef): Promise<'disabled' | 'in-use'>;
  /** Undoes `disable`. Throws `PREDECESSOR_REVOKED` where the version has been revoked. */
  enable(request: RotatorRequest, version: VersionRef): Promise<void>;
  /** Ends a version and whatever it still has open, for good. Returns quietly if it has already ended. */
  revoke(request: RotatorRequest, version: VersionRef): Promise<void>;
  /**
   * Breach mode: stops a version at once, in use or not, and ends its sessions; revokes where the target
   * knows no disable.
   */
  stopNow(request: RotatorRequest, version: VersionRef): Promise<void>;
  /** Asks the target with a value that should have ended. */
  proveRefused(request: RotatorRequest, version: HeldVersion): Promise<'refused' | 'accepted' | 'unknown'>;
  /** Every live key at the target that this deployment made for this credential: how orphans are found. */
  listOurs(request: RotatorRequest): Promise<readonly OwnedKey[]>;
}
