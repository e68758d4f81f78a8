import type { LeaseAuthority, Leasable } from '../access/access-inventory.ts';
import type { Secret } from '../secret.ts';
import type { Instant } from '../time.ts';

/** What a kind of lease can do. Pure data in its `kind.ts`; the conformance suite tests it. */
export interface LeaserCapabilities {
  /** The target itself ends it at its time, whoever else is down. */
  readonly expiresAtTarget: boolean;
  readonly renewable: boolean;
  /**
   * It can be ended before its time. Where not, its longest ttl is bounded by the kind, `end` does nothing, `isRefused`
   * never says `refused`, and it is over when its time at the target is (`IssuedLease.expiresAt`).
   */
  readonly revocable: boolean;
  /** The target can be asked for every lease of ours. */
  readonly listsOurs: boolean;
  /** It exchanges the holder's own token: no other kind is shown it. */
  readonly takesHolderToken?: true;
  /** The shortest ttl that the target takes, in seconds: a lease may be ended before, where it can be ended. */
  readonly shortestSeconds?: number;
  /** The longest ttl that the target takes, in seconds. */
  readonly longestSeconds?: number;
}

/** What a leaser is given to work with. */
export interface LeaserRequest {
  readonly environment: string;
  /** The mark of this deployment. What carries another one at the target is not its, whatever else it is called. */
  readonly mark: string;
  readonly leasable: Leasable;
  readonly authority?: { readonly declared: LeaseAuthority; readonly value: Secret };
  /**
   * The lease's id: 26 characters of Crockford's base 32, lower case, the mark first. Everything that there is of the lease
   * at the target, what remembers its end included, is called after it.
   */
  readonly leaseId: string;
  /** Grows with every effect on one lease. */
  readonly fence: number;
}

/** A lease that was made. */
export interface IssuedLease {
  /** What it is called at the target: a role, a key id, a session name. Never secret. */
  readonly key: string;
  /** What the holder gets, once: JSON as a workload reads it from a vault. */
  readonly value: Secret;
  /**
   * When the target ends it by itself, where it does. A target that counts from its own clock, or in steps, may end it up
   * to a minute later than it was asked to: the ledger goes by what is said here.
   */
  readonly expiresAt?: Instant;
}

/**
 * How long after it was asked for an issue may still reach its target, in seconds. Nobody waits for longer, and a target
 * remembers an end for not much longer.
 */
export const ISSUE_WITHIN_SECONDS = 60;

/** The times of an issue. */
export interface LeaseTimes {
  readonly expiresAt: Instant;
  /**
   * An issue that reaches the target later makes nothing: whoever asked has given it up by then. At most
   * `ISSUE_WITHIN_SECONDS` after it was asked for: it bounds for how long a target has to remember what has ended.
   */
  readonly notAfter: Instant;
}

/** Who it is for: written where the target has room for it. Never secret. */
export interface LeaseHolder {
  readonly holder: string;
  readonly purpose: string;
  /** The holder's own token, for kinds that exchange it. */
  readonly proof?: Secret;
}

/** A lease of ours that a target still has. */
export interface LeaseAtTarget {
  readonly key: string;
  /** Absent where it carries our mark and no id that can be read. */
  readonly leaseId?: string;
  readonly expiresAt?: Instant;
}

/** Other deployments of which a list tells, at most: enough to say that they are there. */
export const OTHERS_AT_MOST = 16;

/** A page of what a target has of ours. */
export interface ListedLeases {
  readonly leases: readonly LeaseAtTarget[];
  /** Absent where that was all. */
  readonly next?: string;
  /**
   * Marks of other deployments whose leases the target has as well, as far as this page showed them and each once: they are
   * only told of. What begins as leases do and carries no mark is told of as its beginning.
   */
  readonly others: readonly string[];
}

/**
 * Makes and ends one kind of lease at the system that owns it.
 *
 * Every method may run again with the same arguments, at any time, alone or twice at once, after a crash or a lost
 * answer, and must then converge. `issue` again with one id leaves at most one that works: the one of the last answer.
 * After `end` nothing of the lease works, whatever of it had been made, and an `issue` with a lower fence, or after its
 * own `notAfter`, makes nothing. Errors are `TARGET_…`, `NOT_SUPPORTED`, `FENCED_OFF`, `VALUE_MALFORMED`; a foreign error's text
 * never passes.
 */
export interface Leaser {
  readonly capabilities: LeaserCapabilities;
  /** Refuses a value of the authority that is not one, without quoting it. Throws `VALUE_MALFORMED`. */
  checkAuthority(authority: LeaseAuthority, value: Secret): void;
  /** Proves that the authority works and has the rights that it needs and none that it must not have. */
  proveAuthority(authority: LeaseAuthority, value: Secret): Promise<void>;
  issue(request: LeaserRequest, holder: LeaseHolder, times: LeaseTimes): Promise<IssuedLease>;
  /** Moves the end at the target. Throws `NOT_SUPPORTED` where the kind cannot, `LEASE_OVER` where it has ended. */
  renew(request: LeaserRequest, expiresAt: Instant): Promise<void>;
  /** Ends it and whatever it has open, for good. Returns quietly where there is nothing (any more). */
  end(request: LeaserRequest): Promise<void>;
  /** Whether the target refuses it now. `unknown` where it cannot be asked. */
  isRefused(request: LeaserRequest): Promise<'refused' | 'accepted' | 'unknown'>;
  /**
   * A page of what the target has of this deployment: what carries its mark, whatever of it the ledger knows. Nothing that
   * another deployment has made is listed, cleared away or changed, whatever its environment and its leasables are called.
   */
  listOurs(
    request: Omit<LeaserRequest, 'leaseId' | 'fence'>,
    after: string | undefined,
  ): Promise<ListedLeases>;
}
