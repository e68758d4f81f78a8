/** What policy is asked about. One word per right, the same in policies, audit and CLI. */
export const POLICY_ACTIONS = [
  'lease',
  'renew',
  'read',
  'rotate',
  'hold',
  'force',
  'revoke',
  'approve',
  'import',
] as const;
export type PolicyAction = (typeof POLICY_ACTIONS)[number];

/** The types of entity that `policies/schema.cedarschema` declares, in the namespace `Lockstep`. */
export type EntityType =
  | 'Team'
  | 'Environment'
  | 'Workload'
  | 'Agent'
  | 'Person'
  | 'Role'
  | 'Function'
  | 'Class'
  | 'Credential'
  | 'Leasable';

/** One entity by name. */
export interface EntityRef {
  readonly type: EntityType;
  readonly id: string;
}

/** What a decision may depend on besides who and what. Asserted by Lockstep, never by the caller. */
export interface PolicyContext {
  readonly environment: string;
  /** The purpose after narrowing; absent for actions that have none. */
  readonly purpose?: string;
  readonly ttlSeconds?: number;
  /** Milliseconds since 1970: Cedar's `datetime`. */
  readonly now: number;
  /** People who approved exactly this request, the caller and whoever it acts for not counted. */
  readonly approvals: readonly string[];
  readonly breakGlass: boolean;
  /** The agent that acts for the person who is asked about. */
  readonly agent?: string;
  /** Whether a person behind the request proved a second factor. */
  readonly mfa: boolean;
  /** The address that the request came from, where the world knows it: Cedar's `ipaddr`. */
  readonly source?: string;
}

/** One question. */
export interface PolicyRequest {
  readonly principal: EntityRef;
  /** Of a person: the roles that were proved of them, which no inventory can know. */
  readonly roles?: readonly string[];
  readonly action: PolicyAction;
  readonly resource: EntityRef;
  readonly context: PolicyContext;
}

/** One answer. */
export interface PolicyAnswer {
  readonly allowed: boolean;
  /** Ids of the policies that decided; none where nothing permits. */
  readonly policies: readonly string[];
  /** Ids of policies whose evaluation failed. Then nothing is allowed. */
  readonly errors: readonly string[];
  /** Present where it is not allowed as it stands, and would be with the approvals of so many different people. */
  readonly approvalsNeeded?: number;
}
