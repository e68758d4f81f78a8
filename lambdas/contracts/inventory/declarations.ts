import type { Tier } from '../../core/access/access-inventory.ts';
import type { DeadlinePolicy } from '../../core/credential.ts';
import type { AccessDeclarations, TokenDeclaration } from './access/access-declarations.ts';
import type { Duration } from './duration.ts';
import type { PerEnvironment } from './per-environment.ts';

/** A team that answers for credentials. */
export interface OwnerDeclaration {
  /** How to reach it: a channel, an address, a rota. */
  readonly contact: string;
}

/** A stretch of time in which nothing starts to rotate, from and until in UTC: `2027-01-01T00:00:00Z`. */
export interface FreezeDeclaration {
  readonly from: string;
  readonly until: string;
  readonly reason: string;
}

/** The embedded world on one machine. It has no account: everything that differs by environment it gives itself. */
export interface LocalEnvironmentDeclaration {
  /** `fast` puts short times in place of every cadence, cache and deadline of the file. @default 'declared' */
  readonly cadence?: 'fast' | 'declared';
  readonly freezes?: readonly FreezeDeclaration[];
}

/** An environment on AWS. */
export interface AwsEnvironmentDeclaration {
  /** The account's id: 12 digits. */
  readonly account: string;
  readonly region: string;
  /**
   * Where the watch sees reads from: a CloudTrail trail that the account already has, or one that Lockstep
   * makes. The first copy of management events is free of charge, every further trail is not.
   * @default 'create'
   */
  readonly trail?: 'existing' | 'create';
  readonly freezes?: readonly FreezeDeclaration[];
  /** Who is paged. */
  readonly onCall?: { readonly email?: string };
}

/** Who may read: a name, and the role behind it. */
export interface WorkloadDeclaration {
  /** The ARN of its IAM role, in the environment's own account. The embedded world has an identity by name instead. */
  readonly role?: PerEnvironment<string>;
  /** How tokens name it. In the embedded world its tokens have its name as their subject. */
  readonly tokens?: PerEnvironment<readonly TokenDeclaration[]>;
  /** A name of `owners`: the team that runs it. */
  readonly owner?: string;
}

/** How a dependent is seen at the target, where that can count as adoption. */
export interface EvidenceDeclaration {
  /** What tells its sessions from everybody else's. A client chooses it, so it can be forged. */
  readonly applicationName: string;
  /** The address that its sessions come from, where that is fixed. */
  readonly clientAddress?: PerEnvironment<string>;
  /** How long its pool may keep one session. Less than 4 minutes counts as 4 on AWS, where a target is looked at about once a minute. */
  readonly poolLifetime: Duration;
  /** Whether this evidence counts as adoption without an acknowledgement. @default false */
  readonly suffices?: boolean;
}

/** What is declared of every dependent. */
export interface DependentOptions {
  /** The workload it acknowledges as. @default its own name */
  readonly workload?: string;
  /** The longest it may go on serving a value that it has read: 300 s for AWS's agent and extension, 3600 s for AWS's client caches. */
  readonly cacheTtl: Duration;
  readonly evidence?: EvidenceDeclaration;
}

/** A dependent that is told by a signed HTTP request, and acknowledges by itself. */
export interface WebhookOptions extends DependentOptions {
  /** Where it is told. */
  readonly url?: PerEnvironment<string>;
  /** The `random` credential that signs what it is told: one for each receiver. */
  readonly signingKey: string;
  /** Hosts of `url` that may have a private address. */
  readonly allowHosts?: PerEnvironment<readonly string[]>;
}

/** A dependent that nobody tells: it reads again every cacheTtl. */
export interface PollerOptions extends DependentOptions {
  /** Whether it acknowledges; if not, evidence has to suffice. @default true */
  readonly acknowledges?: boolean;
}

/** A dependent, in serializable form. `webhook()` and `poller()` make it. */
export type DependentDeclaration =
  | ({ readonly kind: 'webhook'; readonly name: string } & WebhookOptions)
  | ({ readonly kind: 'poller'; readonly name: string } & PollerOptions);

/** When the predecessor goes. */
export interface RetireDeclaration {
  /** From complete adoption to disable: the drain. Never shorter than the slowest cache. @default 1 hour */
  readonly afterAdoption?: Duration;
  /** From disable to revoke. @default 1 hour */
  readonly soak?: Duration;
  /** From promotion to the moment when missing adoption is decided. @default 12 hours */
  readonly deadline?: Duration;
  /** What is decided then. @default 'hold-and-page' */
  readonly onDeadline?: DeadlinePolicy;
}

/** What is declared of every credential. */
export interface CredentialOptions {
  /** A name of `owners`. */
  readonly owner: string;
  /** How much a leak would cost. @default 0 for authorities, else 1 */
  readonly tier?: Tier;
  readonly rotateEvery: Duration;
  /** Principals who may put a first value by hand (`lockstep adopt`): ARNs of IAM roles or users. */
  readonly adopters?: PerEnvironment<readonly string[]>;
}

/** What is declared of every credential that workloads read. */
export interface ReadableCredentialOptions extends CredentialOptions {
  /** Names of the workloads that may read it. */
  readonly boundTo?: readonly string[];
  readonly dependents?: readonly DependentDeclaration[];
  readonly retire?: RetireDeclaration;
}

/** Where a PostgreSQL server is, and whom its certificate is trusted by. */
export interface EndpointDeclaration {
  /** The writer's host name. */
  readonly host: string;
  /** @default 5432 */
  readonly port?: number;
  /** PEM certificates to trust. RDS needs its region's bundle; absent, the system's roots. TLS is always verify-full. */
  readonly ca?: string;
}

/** A database login with two slots. */
export interface PostgresOptions extends ReadableCredentialOptions {
  /** The `postgresAuthority` that may change the slots. Their endpoint is its endpoint. */
  readonly authority: string;
  readonly database: string;
  /** Two login roles that are used in turn. */
  readonly slots: readonly [string, string];
  /** The role that both slots belong to, and that owns what they make. */
  readonly ownerRole: string;
}

/** The login that may change slots: `NOSUPERUSER CREATEROLE` with ADMIN OPTION on them. It changes its own password in place. */
export interface PostgresAuthorityOptions extends CredentialOptions {
  readonly endpoint?: PerEnvironment<EndpointDeclaration>;
  readonly role: string;
  /** @default 'postgres' */
  readonly database?: string;
}

/** A model provider's key of one project. */
export interface OpenaiOptions extends ReadableCredentialOptions {
  /** The `openaiAuthority` that may mint keys. Its API is the credential's API. */
  readonly authority: string;
  /** The project's id, `proj_…`. */
  readonly project?: PerEnvironment<string>;
}

/** The admin key of an organization; it mints its own successor. */
export interface OpenaiAuthorityOptions extends CredentialOptions {
  /** @default 'https://api.openai.com/v1' */
  readonly apiUrl?: PerEnvironment<string>;
  readonly retire?: RetireDeclaration;
}

/** A signing secret of Standard Webhooks. */
export interface RandomOptions extends ReadableCredentialOptions {
  /** 24 to 64. @default 32 */
  readonly bytes?: number;
}

/** A credential, in serializable form. `postgres()`, `openai()`, `random()` and their authorities make it. */
export type CredentialDeclaration =
  | ({ readonly kind: 'postgres' } & PostgresOptions)
  | ({ readonly kind: 'postgres-authority' } & PostgresAuthorityOptions)
  | ({ readonly kind: 'openai' } & OpenaiOptions)
  | ({ readonly kind: 'openai-authority' } & OpenaiAuthorityOptions)
  | ({ readonly kind: 'random' } & RandomOptions);

/** Everything that is declared: one workspace, all its environments. */
export interface Workspace extends AccessDeclarations {
  readonly owners: { readonly [owner: string]: OwnerDeclaration };
  /** `local` is the embedded world, where it is declared; every other one is on AWS. */
  readonly environments: { readonly local?: LocalEnvironmentDeclaration } & {
    readonly [environment: string]: AwsEnvironmentDeclaration | LocalEnvironmentDeclaration;
  };
  readonly workloads: { readonly [workload: string]: WorkloadDeclaration };
  readonly credentials: { readonly [credential: string]: CredentialDeclaration };
}
