import type {
  EgressRule,
  Issuer,
  Leasable,
  LeaseAuthority,
  Tier,
  TokenMatch,
} from '../../../core/access/access-inventory.ts';
import type { LeasableKind } from '../../kinds.ts';
import type { FieldPaths, Path } from '../problem.ts';

/*
 * What a file says of access as one environment sees it, with holes where something could not be read. Checks pass over
 * holes, because whoever read them has reported them.
 */

/** Something that can be leased elsewhere, and is left out of `local`. */
export interface LeftOut {
  readonly name: string;
  readonly kind: string;
}

/** An issuer as far as it could be read. */
export interface DraftIssuer {
  readonly at: Path;
  readonly name: string;
  readonly read: Partial<Issuer>;
  readonly paths: FieldPaths;
}

/** One way in which tokens name a workload. */
export interface DraftToken extends TokenMatch {
  readonly at: Path;
  readonly workload: string;
}

/** A role as far as it could be read. */
export interface DraftRole {
  readonly at: Path;
  readonly name: string;
  readonly owner: string | undefined;
  readonly groups: readonly { readonly issuer: string; readonly group: string }[] | undefined;
  readonly principals: readonly string[] | undefined;
  readonly principalsAt: Path;
  readonly sessionNamesProved: boolean | undefined;
  readonly secondFactorProved: boolean | undefined;
}

/** An agent as far as it could be read. */
export interface DraftAgent {
  readonly at: Path;
  readonly name: string;
  readonly owner: string | undefined;
  readonly workload: string | undefined;
  readonly actsFor: 'person' | 'itself' | undefined;
}

/** A purpose as far as it could be read. */
export interface DraftPurpose {
  readonly at: Path;
  readonly name: string;
  readonly meaning: string | undefined;
  readonly workloads: readonly string[];
  readonly agents: readonly string[];
  readonly roles: readonly string[];
}

/** A lease authority as far as it could be read. */
export interface DraftLeaseAuthority {
  readonly at: Path;
  readonly name: string;
  readonly kind: LeasableKind | undefined;
  readonly owner: string | undefined;
  readonly adopters: readonly string[] | undefined;
  readonly supplyEverySeconds: number | undefined;
  readonly limits: LeaseAuthority['limits'] | undefined;
  readonly target: LeaseAuthority['target'];
  readonly targetPaths: FieldPaths;
}

/** A place that a lease may be used at, as far as it could be read. */
export type DraftEgress = Partial<EgressRule> & { readonly at: Path };

/** Something that can be leased, as far as it could be read. */
export interface DraftLease {
  readonly at: Path;
  readonly name: string;
  readonly kind: LeasableKind | undefined;
  readonly owner: string | undefined;
  readonly tier: Tier | undefined;
  readonly authority: string | undefined;
  readonly standsFor: string | undefined;
  readonly ttl: Partial<Leasable['ttl']>;
  readonly limits: Leasable['limits'] | undefined;
  readonly purposes: readonly string[] | undefined;
  readonly egress: readonly DraftEgress[];
  readonly target: Leasable['target'];
  readonly targetPaths: FieldPaths;
}

/** Everything of access. */
export interface DraftAccess {
  /** True where the file says anything of it. */
  readonly isDeclared: boolean;
  /** Names as they are written, those of broken entries included. */
  readonly names: {
    readonly issuers: ReadonlySet<string>;
    readonly roles: ReadonlySet<string>;
    readonly agents: ReadonlySet<string>;
    readonly purposes: ReadonlySet<string>;
    readonly leaseAuthorities: ReadonlySet<string>;
    readonly leases: ReadonlySet<string>;
  };
  readonly issuers: readonly DraftIssuer[];
  readonly tokens: readonly DraftToken[];
  /** By workload; with the place, because the owner may be unknown. */
  readonly workloadOwners: readonly {
    readonly at: Path;
    readonly workload: string;
    readonly owner: string;
  }[];
  readonly roles: readonly DraftRole[];
  readonly agents: readonly DraftAgent[];
  readonly purposes: readonly DraftPurpose[];
  readonly leaseAuthorities: readonly DraftLeaseAuthority[];
  readonly leases: readonly DraftLease[];
  /** What can be leased elsewhere and not in `local`, whose world does not serve its kind. */
  readonly leftOut: readonly LeftOut[];
  /** Where the file says one. */
  readonly tiers: Readonly<Record<string, Tier>>;
  readonly blastRadiusPerPrincipal: number | undefined;
}
