import type { Leasable, LeaseAuthority } from './access/access-inventory.ts';
import type { Credential, Dependent, Strategy } from './credential.ts';
import type { LeaserCapabilities } from './ports/leaser.ts';
import type { Capabilities } from './ports/rotator.ts';

/** A place on the network that a target function has to reach. */
export interface NetworkPlace {
  readonly host: string;
  readonly port: number;
}

/**
 * What a kind of credential is, as data: everything that synthesis, the inventory's checks and the
 * documentation need, and nothing that runs at a target. `Schema` is the schema library's type; the
 * domain does not know it.
 */
export interface RotatorKind<Schema = unknown> {
  readonly name: string;
  /** Kinds of one family share a target function: a kind and the authority over it. */
  readonly family: string;
  readonly strategy: Strategy;
  /** The kind that its authority must have; absent where it changes itself or needs none. */
  readonly authorityKind?: string;
  /** It has authority over others and no dependents: its only readers are the target functions of its family. */
  readonly isAuthority: boolean;
  readonly capabilities: Capabilities;
  /** The shortest cadence that this kind can hold. */
  readonly minimumCadenceSeconds: number;
  /** The shape of `Credential.target`. */
  readonly target: Schema;
  /** Fields of `target` that may differ between environments, and that the embedded world gives by name. */
  readonly environmentBound: readonly string[];
  /** Fields of `target` that are copied from the authority's target. */
  readonly fromAuthority: readonly string[];
  /**
   * The accounts at the target that this credential changes, one text each, equal for equal accounts:
   * two credentials may not change one account.
   */
  accounts(credential: Credential): readonly string[];
  /** Where its target function must get to. */
  places(credential: Credential): readonly NetworkPlace[];
}

/** What a kind of dependent is, as data. */
export interface PropagatorKind<Schema = unknown> {
  readonly name: string;
  /** Whether somebody has to tell it. A kind that is told nothing has no propagator function. */
  readonly isTold: boolean;
  readonly settings: Schema;
  /** Fields of `settings` that may differ between environments, and that the embedded world gives by name. */
  readonly environmentBound: readonly string[];
  /** Where its propagator must get to. */
  places(dependent: Dependent): readonly NetworkPlace[];
}

/** What the stored authority of a kind of lease is, as data. */
export interface LeaseAuthorityKind<Schema = unknown> {
  /** The shape of `LeaseAuthority.target`. */
  readonly target: Schema;
  /** Fields of `target` that may differ between environments, and that the embedded world gives by name. */
  readonly environmentBound: readonly string[];
  /**
   * The accounts at the target that it logs in as, in the words of `RotatorKind.accounts`: none of them may be one that
   * Lockstep rotates, or whoever rotates it could lease.
   */
  accounts(authority: LeaseAuthority): readonly string[];
}

/** Something that can be leased, with what makes its leases, where that is stored. */
export interface LeasableWithAuthority {
  readonly leasable: Leasable;
  readonly authority: LeaseAuthority | undefined;
}

/** What a kind of lease is, as data: `lambdas/leasers/<name>/kind.ts`. */
export interface LeaserKind<Schema = unknown> {
  /** The folder under `lambdas/leasers/`, and the end of `lease-<name>`. */
  readonly name: string;
  readonly capabilities: LeaserCapabilities;
  /** The shape of `Leasable.target`. What the authority's target says is not said again. */
  readonly target: Schema;
  /** Fields of `target` that may differ between environments, and that the embedded world gives by name. */
  readonly environmentBound: readonly string[];
  /** Absent where leases are made by the function's own role, or by the holder's token. */
  readonly authority?: LeaseAuthorityKind<Schema>;
  /** The accounts whose rights a lease gets, in the words of `RotatorKind.accounts`: none of them may be one that Lockstep rotates. */
  accounts(leasable: Leasable, authority: LeaseAuthority | undefined): readonly string[];
  /**
   * Whether leases of `one`, over all its purposes, give everything that leases of `other` give, as far as what is declared
   * tells it for certain: what the target itself knows (members of a role, what a scope holds) is not asked.
   */
  includes(one: LeasableWithAuthority, other: LeasableWithAuthority): boolean;
  /**
   * Who gets what a lease leaves behind, and in which field of `target` that stands: one of `granted`, whose rights the
   * lease had, or it would leave to somebody who may do more what runs with that one's rights. Absent for kinds whose
   * leases leave nothing.
   */
  heir?(leasable: Leasable): {
    readonly field: string;
    readonly role: string;
    readonly granted: readonly string[];
  };
  /** Where its lease function must get to. */
  places(leasable: Leasable, authority: LeaseAuthority | undefined): readonly NetworkPlace[];
  /** `iss` and `aud` of the tokens that holders show for it; absent for kinds that need none. */
  holderTokens?(leasable: Leasable): { readonly issuer: string; readonly audience: string };
}
