import type { Credential, Dependent, Strategy } from './credential.ts';
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
