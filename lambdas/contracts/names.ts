/**
 * Every function of Lockstep, the stack it belongs to, and its duty. Roles have fixed names under
 * `/lockstep/<environment>/`, because an earlier stack's policies name later roles by ARN in a condition
 * before those exist (Secrets Manager refuses principals that do not exist yet).
 */

/**
 * Duties that no role may hold two of (ARCHITECTURE.md, "What must never happen", 5).
 * `none` marks functions that hold none of them.
 */
export type Duty = 'rotate' | 'append-audit' | 'seal-audit' | 'read-audit' | 'issue-leases' | 'none';

export type StackName = 'audit' | 'vault' | 'rotation' | 'propagation' | 'access' | 'operations' | 'watch';

/** The stacks in the order in which each knows only those before it. */
export const STACKS: readonly StackName[] = [
  'audit',
  'vault',
  'rotation',
  'propagation',
  'access',
  'operations',
  'watch',
];

interface FunctionEntry {
  readonly stack: StackName;
  readonly duty: Duty;
  readonly does: string;
}

/** The functions that exist once. Target functions (`target-<family>`) and propagators (`tell-<kind>`) exist once per family and kind. */
export const FUNCTIONS = {
  'append-audit': {
    stack: 'audit',
    duty: 'append-audit',
    does: 'writes one entry to its chain; alone may write the audit table',
  },
  'seal-audit': {
    stack: 'audit',
    duty: 'seal-audit',
    does: 'signs a head over all chains and stores it outside the table',
  },
  'publish-outbox': { stack: 'rotation', duty: 'none', does: 'takes committed events to the bus' },
  'request-rotation': { stack: 'rotation', duty: 'none', does: 'admits or refuses a rotation' },
  'start-rotation': {
    stack: 'rotation',
    duty: 'rotate',
    does: 'calls RotateSecret for an admitted rotation',
  },
  'advance-rotation': {
    stack: 'rotation',
    duty: 'none',
    does: 'decides the next step after promotion and has it done',
  },
  acknowledge: {
    stack: 'propagation',
    duty: 'none',
    does: 'takes proofs of adoption and says what is expected',
  },
  operate: { stack: 'operations', duty: 'rotate', does: 'carries out what an operator orders' },
  report: {
    stack: 'operations',
    duty: 'read-audit',
    does: 'answers status, history and audit verification; writes nothing',
  },
  reconcile: {
    stack: 'operations',
    duty: 'none',
    does: 'compares vault, ledger and target, and mends or reports',
  },
  'take-pulse': {
    stack: 'watch',
    duty: 'none',
    does: 'measures ages, lags and queues, and makes the heartbeat read',
  },
  'detect-access': { stack: 'watch', duty: 'none', does: 'turns CloudTrail records into findings' },
  'page-on-call': { stack: 'watch', duty: 'none', does: 'hands a page to the on-call topic' },
} as const satisfies Record<string, FunctionEntry>;

/** The functions that exist where something can be leased, besides one `lease-<kind>` for each kind of lease. */
export const ACCESS_FUNCTIONS = {
  'grant-lease': {
    stack: 'access',
    duty: 'issue-leases',
    does: 'answers who asks for leases; decides by policy, and reads no secret',
  },
  'sweep-leases': {
    stack: 'access',
    duty: 'issue-leases',
    does: 'ends leases that are over, and compares targets with the ledger',
  },
} as const satisfies Record<string, FunctionEntry>;

/** The name of any function. */
export type FunctionName =
  | keyof typeof FUNCTIONS
  | keyof typeof ACCESS_FUNCTIONS
  | `target-${string}`
  | `tell-${string}`
  | `lease-${string}`;

/** The function that changes credentials of a family at their targets. */
export const targetFunction = (family: string): `target-${string}` => `target-${family}`;

/** The function that tells dependents of a kind. */
export const tellFunction = (dependentKind: string): `tell-${string}` => `tell-${dependentKind}`;

/** The function that makes and ends leases of a kind at their targets. */
export const leaseFunction = (kind: string): `lease-${string}` => `lease-${kind}`;

/** Stack and duty of any function. */
export function functionEntry(name: FunctionName): FunctionEntry {
  if (name.startsWith('target-'))
    return { stack: 'rotation', duty: 'rotate', does: 'runs the four steps and everything else at a target' };
  if (name.startsWith('tell-'))
    return { stack: 'propagation', duty: 'none', does: 'tells dependents of one kind what changed' };
  if (name.startsWith('lease-'))
    return { stack: 'access', duty: 'issue-leases', does: 'makes and ends leases of one kind at a target' };
  const once: Readonly<Record<string, FunctionEntry>> = { ...FUNCTIONS, ...ACCESS_FUNCTIONS };
  return once[name] ?? FUNCTIONS[name as keyof typeof FUNCTIONS];
}

/** The IAM path of every role of an environment. */
export const rolePath = (environment: string): string => `/lockstep/${environment}/`;

/** The name of a function's role: unique in an account, so it repeats the environment. */
export const roleName = (environment: string, name: FunctionName): string =>
  `lockstep-${environment}-${name}`;

/** The ARN of a function's role. */
export const roleArn = (account: string, environment: string, name: FunctionName): string =>
  `arn:aws:iam::${account}:role${rolePath(environment)}${roleName(environment, name)}`;

/** A function's own name. */
export const functionName = (environment: string, name: FunctionName): string =>
  `lockstep-${environment}-${name}`;

/** The queue that feeds a function, and the queue of what it gave up. */
export const queueName = (environment: string, name: FunctionName): string => functionName(environment, name);
export const deadLetterQueueName = (environment: string, name: FunctionName): string =>
  `${functionName(environment, name)}-dead-letters`;

/** The secret that nobody uses: reading it proves that reads are seen. It never gets a value. */
export const heartbeatSecret = (environment: string): string => `lockstep/${environment}/heartbeat`;

/** What an audit head speaks of. */
export const auditOrigin = (environment: string): string => `lockstep/${environment}/audit`;
