/**
 * What the inventory says of access: who may ask, for what, and what may be leased. Checked and resolved for one
 * environment, in serializable form. Who may do what is not here: that is policy (`policies/`).
 */

/** How much a leak would cost. 0: whoever has it has everything behind it. */
export type Tier = 0 | 1 | 2;

/** Somebody who signs tokens that say who a caller is (OpenID Connect Core 1.0; RFC 7519). */
export interface Issuer {
  readonly name: string;
  /** `iss`, compared exactly. */
  readonly issuer: string;
  /** `aud` must be it, and nothing else: a token for several could be shown here by any of them. */
  readonly audience: string;
  /** Where its keys are. Absent: `<issuer>/.well-known/openid-configuration` says (OpenID Connect Discovery 1.0 §4). */
  readonly jwksUrl?: string;
  /** The algorithms that its tokens may have: asymmetric ones only. */
  readonly algorithms: readonly string[];
  readonly clockSkewSeconds: number;
  /** The longest from `iat` to `exp`: what is valid for longer is refused, whoever signed it. */
  readonly longestTokenSeconds: number;
  /**
   * What its tokens are good for. `caller`: whoever holds one asks by it. `acting-for`: an agent shows one as the person
   * that it acts for, and nobody can ask by it. Never both: an agent that could ask by the token it was given would be the
   * person, without its own ceiling.
   */
  readonly use: 'caller' | 'acting-for';
  /** Claims that say more than who somebody is, where they are not called as docs/identity.md names them. Paths as in `TokenMatch`. */
  readonly claims?: {
    readonly groups?: string;
    readonly purposes?: string;
    readonly leases?: string;
    /** What a person is called by in place of `sub`: one text, which nobody chooses for themselves. */
    readonly subject?: string;
  };
  /**
   * The directory that its people stand in. A person is `<people>/<subject>` then, not `<iss>|<subject>`: the same human by
   * each issuer that names the same directory.
   */
  readonly people?: string;
}

/** Exact values of claims, all of which a token must have. Dots reach into objects: `kubernetes.io.namespace` is tried as a whole first. */
export interface TokenMatch {
  readonly issuer: string;
  readonly claims: Readonly<Record<string, string>>;
}

/** Who people are: members of groups at an identity provider, or whoever assumes one of these IAM roles. */
export interface Role {
  readonly name: string;
  /** The team it belongs to, where it belongs to one. */
  readonly owner?: string;
  readonly groups: readonly { readonly issuer: string; readonly group: string }[];
  /**
   * ARNs of IAM roles. Embedded: `embedded:<name>`. A person is `identity-center/<user>` by any role of IAM Identity Center,
   * and `<arn>/<session name>` where the session's name is proved; elsewhere whoever assumes a role chooses that name, and
   * all of its sessions are one person: nobody approves what they asked for under another name.
   */
  readonly principals: readonly string[];
  /** Who trusts its roles lets nobody choose a session name (SAML, a condition on `sts:RoleSessionName`). Roles of IAM Identity Center need no word. */
  readonly sessionNamesProved?: boolean;
  /** Who trusts its roles lets nobody in without a second factor (`aws:MultiFactorAuthPresent`, or what the sign-in demands). */
  readonly secondFactorProved?: boolean;
}

/** A workload that decides by itself what it does: it has a ceiling, and acts for somebody or for itself. */
export interface Agent {
  readonly name: string;
  readonly owner: string;
  /** The workload it runs as. No workload runs two agents: nothing could tell them apart. */
  readonly workload: string;
  /**
   * `person`: every request carries the token of the person it acts for, and is worth no more than that person's own.
   * `itself`: nobody stands behind a request; its ceiling alone decides.
   */
  readonly actsFor: 'person' | 'itself';
}

/**
 * A place that the lease may be used at through the proxy, and how its value gets into a request. `field` is the field of
 * the value, which is JSON, that holds the key.
 */
export interface EgressRule {
  /** A host name, exact: no wildcard, no address. */
  readonly host: string;
  /** @default 443 */
  readonly port: number;
  /**
   * Where the addresses of the host may be. `private`: in a network of one's own. `loopback`: on this machine, where http
   * without TLS will do as well. A metadata service: never.
   * @default 'public'
   */
  readonly network: 'public' | 'private' | 'loopback';
  /** Who signs its certificate, in PEM: then these authorities alone are trusted, not those of the system. */
  readonly ca?: string;
  /** Prefixes of paths that are allowed; `/` allows all. They end at a `/`: `/v1` is `/v1` and `/v1/…`, not `/v10`. */
  readonly paths: readonly string[];
  readonly methods: readonly string[];
  readonly put:
    | { readonly into: 'header'; readonly name: string; readonly prefix: string; readonly field: string }
    | { readonly into: 'query'; readonly name: string; readonly field: string }
    | { readonly into: 'basic'; readonly user: string; readonly field: string }
    /** By the fields `accessKeyId`, `secretAccessKey` and, where there is one, `sessionToken`. */
    | { readonly into: 'sigv4'; readonly service: string; readonly region: string };
}

/**
 * The credential by which leases of a target are made and ended. A person supplies its value and nobody rotates it
 * but a person (`lockstep supply`): a function that could change it could use it, and then one role could rotate and
 * lease. Its secret is readable by `lease-<kind>` alone.
 */
export interface LeaseAuthority {
  readonly name: string;
  /** The kind of lease that it makes: `postgres`, `mysql`, `redis`, `github-app`, `openai`. */
  readonly kind: string;
  readonly owner: string;
  /** Principals who may put its value. */
  readonly adopters: readonly string[];
  /** How old its value may grow before on-call hears of it. */
  readonly supplyEverySeconds: number;
  /** What the target bears of all that is made by it, whoever asks for what. */
  readonly limits?: { readonly total: number; readonly perMinute: number };
  /** What the leaser needs to reach and use it, as that kind's schema checked it. */
  readonly target: Readonly<Record<string, unknown>>;
}

/** Something that can be leased. */
export interface Leasable {
  readonly name: string;
  /** The folder under `lambdas/leasers/`. */
  readonly kind: string;
  readonly owner: string;
  readonly tier: Tier;
  /** The lease authority, for kinds that need one stored. */
  readonly authority?: string;
  /** The credential that this is the short-lived form of, where it is one: revoking that one in breach mode revokes its leases. */
  readonly standsFor?: string;
  readonly ttl: {
    readonly defaultSeconds: number;
    readonly maximumSeconds: number;
    /** How long one lease may live over all its renewals. */
    readonly longestSeconds: number;
  };
  readonly limits: {
    /** Live leases of one principal. */
    readonly perPrincipal: number;
    /** Live leases of all. */
    readonly total: number;
    /** New leases in a minute, shared fairly among whoever asks. */
    readonly perMinute: number;
  };
  /** Purposes that it may be leased for. */
  readonly purposes: readonly string[];
  readonly egress: readonly EgressRule[];
  /** What the leaser needs, as that kind's schema checked it: grants, database, role to assume, repositories. */
  readonly target: Readonly<Record<string, unknown>>;
}

/** Which purposes a workload may ever state, without a signed claim that says more. */
export interface PurposeBinding {
  /** `workload:<name>`, `agent:<name>` or `role:<name>`. */
  readonly principal: string;
  readonly purposes: readonly string[];
}

/** Everything of access that is declared for one environment. */
export interface AccessInventory {
  readonly issuers: readonly Issuer[];
  /** How tokens name workloads, by the workload's name. */
  readonly workloadTokens: Readonly<Record<string, readonly TokenMatch[]>>;
  /** The team of each workload, where it has one. */
  readonly workloadOwners: Readonly<Record<string, string>>;
  readonly roles: readonly Role[];
  readonly agents: readonly Agent[];
  /** What purposes there are, each with a sentence that says what it is. */
  readonly purposes: Readonly<Record<string, string>>;
  readonly purposeBindings: readonly PurposeBinding[];
  /** The tier of each credential. */
  readonly tiers: Readonly<Record<string, Tier>>;
  readonly leaseAuthorities: readonly LeaseAuthority[];
  readonly leasables: readonly Leasable[];
  /** Credentials one principal may reach, weighted by tier, before `policy check` refuses: the blast-radius budget. */
  readonly blastRadius: { readonly perPrincipal: number };
}

/** An inventory without a word on access: nobody can lease anything. */
export const NO_ACCESS: AccessInventory = {
  issuers: [],
  workloadTokens: {},
  workloadOwners: {},
  roles: [],
  agents: [],
  purposes: {},
  purposeBindings: [],
  tiers: {},
  leaseAuthorities: [],
  leasables: [],
  blastRadius: { perPrincipal: 100 },
};

/** What an inventory says of access; nothing, where it is silent. */
export const accessOf = (inventory: { readonly access?: AccessInventory }): AccessInventory =>
  inventory.access ?? NO_ACCESS;
