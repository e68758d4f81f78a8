/** What a variable may hold. `optional-text` may be missing or empty. */
export type VariableKind = 'text' | 'optional-text' | 'whole-number' | 'arn' | 'url' | 'json' | 'mark';

/** The variables that a function reads, by name: data, so that the side that sets them shares it. */
export type EnvironmentShape = Readonly<Record<string, VariableKind>>;

/** Every function knows its environment and its own name. */
const EVERY = { LOCKSTEP_ENVIRONMENT: 'text', LOCKSTEP_FUNCTION: 'text' } as const;
/** Fed by a queue, whose messages it hides until their next attempt. */
const QUEUE = { QUEUE_URL: 'url' } as const;
const LEDGER = { LEDGER_TABLE: 'text' } as const;
/** Appends to the audit by invoking `append-audit`, which may live in an account of its own. */
const APPENDS = { APPEND_AUDIT: 'text' } as const;
const HEADS = { HEADS_BUCKET: 'text', HEADS_PREFIX: 'text' } as const;
const BUS = { BUS: 'text' } as const;
/** Sets one-time timers, which put an event on the bus. */
const TIMER = { BUS_ARN: 'arn', TIMER_GROUP: 'text', TIMER_ROLE: 'arn', TIMER_DEAD_LETTERS: 'arn' } as const;

/** The mark of the deployment: whoever makes names at targets, or lists by them, has to know it. */
const MARK = { DEPLOYMENT_MARK: 'mark' } as const;

/** How many writes to the vault Lockstep may make in a second, outside of breach mode. */
const WRITES = { VAULT_WRITES_PER_SECOND: 'whole-number' } as const;

/** How long a rotation may stand before promotion until it counts as stuck, in seconds. */
const STUCK = { STUCK_AFTER_SECONDS: 'whole-number' } as const;

/**
 * The variables of each function. Handlers read them by this table and `lib/` has to set them by it, so one
 * that is forgotten on either side does not compile.
 */
export const FUNCTION_ENVIRONMENTS = {
  'append-audit': { ...EVERY, AUDIT_TABLE: 'text' },
  'seal-audit': { ...EVERY, ...QUEUE, ...HEADS, AUDIT_TABLE: 'text', SEAL_KEY: 'arn' },
  'publish-outbox': { ...EVERY, ...LEDGER, ...BUS },
  'request-rotation': { ...EVERY, ...QUEUE, ...LEDGER, ...APPENDS },
  'start-rotation': { ...EVERY, ...QUEUE, ...LEDGER, ...APPENDS, ...BUS, ...WRITES },
  'advance-rotation': { ...EVERY, ...QUEUE, ...LEDGER, ...APPENDS, ...TIMER },
  target: { ...EVERY, ...LEDGER, ...APPENDS, ...WRITES, ...MARK, LOCK_SECONDS: 'whole-number' },
  /** A lease function writes no ledger and no audit: the broker does. */
  lease: { ...EVERY, ...MARK },
  'grant-lease': { ...EVERY, ...LEDGER, ...APPENDS, ...TIMER, ...MARK },
  'sweep-leases': { ...EVERY, ...QUEUE, ...LEDGER, ...APPENDS },
  tell: { ...EVERY, ...QUEUE, ...LEDGER },
  acknowledge: { ...EVERY, ...LEDGER },
  operate: { ...EVERY, ...LEDGER, ...APPENDS, ...BUS, TARGET_ARN_PREFIX: 'text', DEAD_LETTER_QUEUES: 'json' },
  report: { ...EVERY, ...LEDGER, ...HEADS, AUDIT_TABLE: 'text', SEAL_KEY: 'arn', DEAD_LETTER_QUEUES: 'json' },
  reconcile: {
    ...EVERY,
    ...QUEUE,
    ...LEDGER,
    ...APPENDS,
    ...BUS,
    ...STUCK,
    ORPHANS_EVERY_SECONDS: 'whole-number',
  },
  'take-pulse': { ...EVERY, ...QUEUE, ...LEDGER, ...HEADS, ...STUCK, DEAD_LETTER_QUEUES: 'json' },
  'detect-access': { ...EVERY, ...QUEUE, ...LEDGER, ...APPENDS, ACCOUNT: 'text' },
  'page-on-call': { ...EVERY, ...QUEUE, ON_CALL_TOPIC: 'arn' },
} as const satisfies Record<string, EnvironmentShape>;

/** Which row of the table a function reads: those that exist once per family or kind share one. */
export type EnvironmentKey = keyof typeof FUNCTION_ENVIRONMENTS;
