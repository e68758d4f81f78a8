import type * as z from 'zod';
import type { EgressRule, Tier } from '../../../core/access/access-inventory.ts';
import type { LeasableKind } from '../../kinds.ts';
import type { Duration } from '../duration.ts';
import type { PerEnvironment } from '../per-environment.ts';

/** Somebody who signs tokens that say who a caller is. */
export interface IssuerDeclaration {
  /** `iss`, compared exactly: an https URL. */
  readonly issuer?: PerEnvironment<string>;
  /** `aud` has to be it, and nothing else: a token for several could be shown here by any of them. */
  readonly audience?: PerEnvironment<string>;
  /** Where its keys are. @default what `<issuer>/.well-known/openid-configuration` says */
  readonly jwksUrl?: PerEnvironment<string>;
  /** `caller`: whoever holds one of its tokens asks by it. `acting-for`: an agent shows whom it acts for. @default 'caller' */
  readonly use?: 'caller' | 'acting-for';
  /** Asymmetric ones alone. @default ['RS256', 'ES256'] */
  readonly algorithms?: readonly (
    'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA'
  )[];
  /** At most 2 minutes. @default 1 minute */
  readonly clockSkew?: Duration;
  /** What is good for longer is refused. At most a day. @default 1 hour */
  readonly longestToken?: Duration;
  /** Names of claims, where they are not the usual ones: docs/identity.md. */
  readonly claims?: {
    readonly groups?: string;
    readonly purposes?: string;
    readonly leases?: string;
    readonly subject?: string;
  };
  /** The directory that its people stand in: one name at every issuer of the same people, so that each human is one person. */
  readonly people?: string;
}

/** One way in which tokens name a workload: exact values of claims, all of which a token must have. */
export interface TokenDeclaration {
  /** A name of `issuers`. */
  readonly issuer: string;
  readonly claims: Readonly<Record<string, string>>;
}

/** Who people are: members of groups, or whoever assumes a role of IAM. */
export interface RoleDeclaration {
  /** A name of `owners`: the team that it belongs to. */
  readonly owner?: string;
  readonly groups?: readonly { readonly issuer: string; readonly group: string }[];
  /** ARNs of IAM roles. The embedded world has an identity by the role's name instead. */
  readonly principals?: PerEnvironment<readonly string[]>;
  /** Whoever assumes its principals cannot choose the name of the session. */
  readonly sessionNamesProved?: boolean;
  /** Nobody assumes its principals without a second factor: their trust policies demand it, or the sign-in before them does. */
  readonly secondFactorProved?: boolean;
}

/** A workload that decides by itself what it does. */
export interface AgentDeclaration {
  readonly owner: string;
  /** A name of `workloads`, and of no other agent. */
  readonly workload: string;
  /** @default 'person' */
  readonly actsFor?: 'person' | 'itself';
}

/** What a lease may be for, and who may ever state it without a signed claim that says so. */
export interface PurposeDeclaration {
  /** What it is for, in a sentence. */
  readonly meaning: string;
  readonly workloads?: readonly string[];
  readonly agents?: readonly string[];
  readonly roles?: readonly string[];
}

/** A place that a lease may be used at through the proxy. */
export interface EgressDeclaration {
  /** One host name, exact. */
  readonly host?: PerEnvironment<string>;
  /** @default 443 */
  readonly port?: number;
  /** @default 'public' */
  readonly network?: Exclude<EgressRule['network'], 'loopback'>;
  /** PEM certificates of who signs its own. */
  readonly ca?: PerEnvironment<string>;
  /** Beginnings of paths. @default ['/'] */
  readonly paths?: readonly string[];
  /** @default ['GET', 'POST'] */
  readonly methods?: readonly ('GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE')[];
  /** How the value gets into a request. */
  readonly put:
    | {
        readonly into: 'header';
        readonly name: string;
        readonly prefix?: string;
        readonly field: string;
      }
    | Exclude<EgressRule['put'], { readonly into: 'header' }>;
}

/** What is declared of everything that can be leased. */
export interface LeaseOptions {
  readonly owner: string;
  /** 0: whoever has it has everything behind it. @default 1 */
  readonly tier?: Tier;
  /** The credential that it is the short-lived form of: when that one leaks, its leases end as well. */
  readonly standsFor?: string;
  readonly ttl?: {
    /** @default 15 minutes, or the maximum where that is less */
    readonly default?: Duration;
    /** At most 12 hours. @default 1 hour */
    readonly maximum?: Duration;
    /** Over all renewals, at most 7 days. @default the maximum: it is not renewed beyond it */
    readonly longest?: Duration;
  };
  readonly limits?: {
    /** Live leases of one caller. @default 5 */
    readonly perPrincipal?: number;
    /** Live leases of all. @default 100 */
    readonly total?: number;
    /** New leases in a minute, shared fairly. @default 60 */
    readonly perMinute?: number;
  };
  /** Names of `purposes`: at least one. */
  readonly purposes: readonly string[];
  readonly egress?: readonly EgressDeclaration[];
}

/** What is declared of every lease authority. */
export interface LeaseAuthorityOptions {
  readonly owner: string;
  /** Principals who may put its value (`lockstep supply`): ARNs of IAM roles or users. */
  readonly adopters?: PerEnvironment<readonly string[]>;
  /** How old its value may grow before on-call hears of it. @default 90 days */
  readonly supplyEvery?: Duration;
  /** What its target bears of all that it makes. */
  readonly limits?: { readonly total: number; readonly perMinute: number };
}

/** A type with everything in it readonly and without explicit undefined, as authors write it. */
type Plain<T> = T extends object ? { readonly [Field in keyof T]: Plain<Exclude<T[Field], undefined>> } : T;

/** The fields of a kind's target: those that differ between environments may be maps, and `local` needs none of them. */
type TargetFields<Target extends z.ZodObject, Bound extends string> = Plain<Omit<z.input<Target>, Bound>> & {
  readonly [Field in Bound & keyof z.input<Target>]?: PerEnvironment<
    Plain<Exclude<z.input<Target>[Field], undefined>>
  >;
};

/** What the builder of a kind of lease takes: the common words, and those of its `kind.ts`. */
export type LeaseOptionsOf<Kind extends LeasableKind> = LeaseOptions &
  // A name of `leaseAuthorities`, for kinds that need one.
  (Kind extends { readonly authority: object } ? { readonly authority: string } : unknown) &
  TargetFields<Kind['target'], Kind['environmentBound'][number]>;

/** A kind of lease whose authority is stored. */
export type KindWithAuthority = LeasableKind & { readonly authority: NonNullable<LeasableKind['authority']> };

/** What the builder of a kind of lease authority takes. */
export type LeaseAuthorityOptionsOf<Kind extends KindWithAuthority> = LeaseAuthorityOptions &
  TargetFields<Kind['authority']['target'], Kind['authority']['environmentBound'][number]>;

/** Something that can be leased, in serializable form. `postgresLease()` and its like make it. */
export type LeaseDeclaration = { readonly kind: string } & LeaseOptions;

/** A lease authority, in serializable form. `postgresLeaseAuthority()` and its like make it. */
export type LeaseAuthorityDeclaration = { readonly kind: string } & LeaseAuthorityOptions;

/** What a workspace may say of access. Without any of it nobody can lease anything. */
export interface AccessDeclarations {
  readonly issuers?: { readonly [issuer: string]: IssuerDeclaration };
  readonly roles?: { readonly [role: string]: RoleDeclaration };
  readonly agents?: { readonly [agent: string]: AgentDeclaration };
  readonly purposes?: { readonly [purpose: string]: PurposeDeclaration };
  readonly leaseAuthorities?: { readonly [authority: string]: LeaseAuthorityDeclaration };
  readonly leases?: { readonly [lease: string]: LeaseDeclaration };
  readonly blastRadius?: {
    /** How much one principal may reach, weighted by tier, before a check refuses. @default 100 */
    readonly perPrincipal?: number;
  };
}
