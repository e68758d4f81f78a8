import type { AccessInventory } from './access/access-inventory.ts';

/** What Lockstep knows of a credential before any rotation: the checked inventory, in serializable form. */

/** How the old and the new value overlap at the target. */
export type Strategy = 'two-slot' | 'mint-and-retire' | 'dual-value' | 'in-place';

/** What happens when adoption is not complete at the deadline. Recorded in every rotation that it decides. */
export type DeadlinePolicy = 'hold-and-page' | 'retire-anyway' | 'roll-back';

/** Evidence of adoption that is seen at the target rather than stated by the dependent. */
export interface EvidencePolicy {
  /** What tells this dependent's sessions from everybody else's, as the target reports it. */
  readonly applicationName: string;
  /** The address its sessions come from, where that is fixed. */
  readonly clientAddress?: string;
  /** How long its pool may keep one session: the time over which the predecessor must stay unseen. */
  readonly poolLifetimeSeconds: number;
  /**
   * Whether this evidence alone counts as adoption. It is spoofable (a client chooses its application
   * name), so it suffices only where the owner says so.
   */
  readonly suffices: boolean;
}

/** A service that uses a credential. */
export interface Dependent {
  readonly name: string;
  /** The propagator that tells it: `webhook`, `poller`, … */
  readonly kind: string;
  /** The workload it acknowledges as: in the credential's `boundTo`, and no other dependent's. */
  readonly workload: string;
  /** The longest it may go on serving a value that it has read. */
  readonly cacheTtlSeconds: number;
  readonly evidence?: EvidencePolicy;
  /** What its propagator needs (a URL, a signing key's credential …), as that kind's schema checked it. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** When the predecessor goes. All in seconds. */
export interface RetirePolicy {
  /** From complete adoption to disable: the drain. Never shorter than the slowest declared cache. */
  readonly drainSeconds: number;
  /** From disable to revoke: the time in which a mistake still shows and can be undone. */
  readonly soakSeconds: number;
  /** From promotion to the moment when missing adoption is decided by `onDeadline`. */
  readonly deadlineSeconds: number;
  readonly onDeadline: DeadlinePolicy;
}

/** One credential of one environment. */
export interface Credential {
  readonly name: string;
  readonly kind: string;
  /** The target function that serves this kind and its authority: they share one, so that no other reads the authority. */
  readonly family: string;
  readonly strategy: Strategy;
  readonly owner: string;
  /** The name of the credential that may change this one at its target. */
  readonly authority?: string;
  readonly rotateEverySeconds: number;
  /** Names of the workloads that may read it. */
  readonly boundTo: readonly string[];
  /** Principals who may put a first value by hand (`lockstep adopt`). */
  readonly adopters: readonly string[];
  readonly dependents: readonly Dependent[];
  readonly retire: RetirePolicy;
  /** What the rotator needs to reach and change the account (host, slots, project …), as that kind's schema checked it. */
  readonly target: Readonly<Record<string, unknown>>;
}

/** Who may read: a name, and the principal behind it. */
export interface Workload {
  readonly name: string;
  /** On AWS the role's ARN; in the embedded world `embedded:<name>`. */
  readonly principal: string;
}

/** A stretch of time in which nothing starts to rotate. */
export interface Freeze {
  readonly from: string;
  readonly until: string;
  readonly reason: string;
}

/** Everything declared for one environment, checked. */
export interface Inventory {
  readonly environment: string;
  /** Present where short times stand in place of the file's cadences, caches, drains and deadlines (the embedded world). */
  readonly cadence?: 'fast';
  /** Changes when anything in it does. */
  readonly digest: string;
  readonly workloads: readonly Workload[];
  readonly freezes: readonly Freeze[];
  readonly credentials: readonly Credential[];
  /** Who may ask for what is leased. Absent where the workspace says nothing of it: then nobody can. */
  readonly access?: AccessInventory;
}

/** The name of a credential's secret in the vault. One rule, in every world. */
export const secretName = (environment: string, credential: string): string =>
  `lockstep/${environment}/${credential}`;

/** The longest that any dependent of a credential may serve a stale value, in seconds. */
export const slowestCacheSeconds = (dependents: readonly Dependent[]): number =>
  Math.max(0, ...dependents.map((dependent) => dependent.cacheTtlSeconds));

/** The credentials whose authority is `name`. */
export const childrenOf = (inventory: Inventory, name: string): readonly Credential[] =>
  inventory.credentials.filter((credential) => credential.authority === name);
