/**
 * Every way Lockstep can fail, and who acts next.
 *
 * - `retry`: the same call may work later; nothing needs to change first.
 * - `operator`: a person must change something before this can work; retrying only makes noise.
 * - `sender`: the request is wrong and will stay wrong; refuse it, count it, drop it.
 */
const REMEDY = {
  // what others send us
  MALFORMED_EVENT: 'sender',
  MALFORMED_REQUEST: 'sender',
  UNAUTHENTICATED: 'sender',
  NOT_BOUND: 'sender',
  UNKNOWN_CREDENTIAL: 'sender',
  UNKNOWN_VERSION: 'sender',
  ACKNOWLEDGEMENT_REFUSED: 'sender',
  NOT_SUPPORTED: 'sender',
  EGRESS_REFUSED: 'sender',
  POLICY_DENIED: 'sender',
  PURPOSE_REFUSED: 'sender',
  TTL_REFUSED: 'sender',
  APPROVAL_REFUSED: 'sender',
  TOKEN_REPLAYED: 'sender',
  UNKNOWN_LEASABLE: 'sender',
  UNKNOWN_LEASE: 'sender',
  NOT_THE_HOLDER: 'sender',
  ALREADY_HANDED_OVER: 'sender',
  LEASE_OVER: 'sender',

  // what passes by itself
  LEDGER_CONFLICT: 'retry',
  LOCK_HELD: 'retry',
  LEDGER_UNAVAILABLE: 'retry',
  VAULT_UNAVAILABLE: 'retry',
  AUDIT_UNAVAILABLE: 'retry',
  BUS_UNAVAILABLE: 'retry',
  TIMER_UNAVAILABLE: 'retry',
  PAGER_UNAVAILABLE: 'retry',
  TARGET_UNREACHABLE: 'retry',
  TARGET_BUSY: 'retry',
  DEPENDENT_UNREACHABLE: 'retry',
  NOT_YET: 'retry',
  LEASE_LIMIT: 'retry',
  ISSUER_UNREACHABLE: 'retry',
  TOKEN_SPENT: 'retry',

  // what a person must decide or mend
  VAULT_REFUSED: 'operator',
  VAULT_DAMAGED: 'operator',
  VERSION_CONFLICT: 'operator',
  LABEL_CONFLICT: 'operator',
  PENDING_ELSEWHERE: 'operator',
  ROTATION_DISABLED: 'operator',
  ROTATION_ENDED: 'operator',
  OUT_OF_ORDER: 'operator',
  NOT_ADOPTED: 'operator',
  ALREADY_ADOPTED: 'operator',
  PREDECESSOR_IN_USE: 'operator',
  PREDECESSOR_REVOKED: 'operator',
  HELD: 'operator',
  FROZEN: 'operator',
  FENCED_OFF: 'operator',
  TARGET_REFUSES_TLS: 'operator',
  TARGET_REFUSES_LOGIN: 'operator',
  TARGET_LACKS_GRANT: 'operator',
  TARGET_REFUSED: 'operator',
  TARGET_FULL: 'operator',
  SUCCESSOR_REJECTED: 'operator',
  VALUE_MALFORMED: 'operator',
  INVENTORY_INVALID: 'operator',
  ENVIRONMENT_INVALID: 'operator',
  DEPENDENT_REFUSED: 'operator',
  AUDIT_BROKEN: 'operator',
  POLICY_INVALID: 'operator',
  STORE_DAMAGED: 'operator',
  STORE_FORBIDDEN: 'operator',
  STORE_NEWER: 'operator',
  NO_ROOM: 'operator',

  // what the embedded world's own server needs
  PORT_IN_USE: 'operator',
  FOLDER_IN_USE: 'operator',
  FOLDER_MISMATCH: 'operator',
  FOLDER_FORBIDDEN: 'operator',
  SERVER_FAILED: 'operator',

  // what a person at the command line gets wrong, or lacks
  COMMAND_INVALID: 'sender',
  NOT_CONFIRMED: 'sender',
  NOTHING_REACHABLE: 'operator',
  NO_TOKEN: 'operator',
} as const satisfies Record<string, 'retry' | 'operator' | 'sender'>;

export type ErrorCode = keyof typeof REMEDY;
export type Remedy = (typeof REMEDY)[ErrorCode];

/** What a `LockstepError` may carry besides its message. */
export interface LockstepErrorOptions extends ErrorOptions {
  /** How long to wait before trying again, in seconds; the target's own `Retry-After` where it gave one. */
  readonly retryAfterSeconds?: number;
}

/**
 * The one error class of Lockstep.
 *
 * A message says what happened, to which subject, what was expected and what was found, and the next
 * move. It never contains a secret, whole or in part, and never quotes a foreign error's text, because
 * foreign errors quote their input (`JSON.parse` does). A `cause` is kept for debuggers and never logged whole.
 */
export class LockstepError extends Error {
  override readonly name = 'LockstepError';
  readonly code: ErrorCode;
  readonly remedy: Remedy;
  readonly retryAfterSeconds?: number;

  constructor(code: ErrorCode, message: string, options: LockstepErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.remedy = REMEDY[code];
    if (options.retryAfterSeconds !== undefined) this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** True for a `LockstepError`, and, where codes are given, only for one of those. */
export function isLockstepError(error: unknown, ...codes: readonly ErrorCode[]): error is LockstepError {
  return error instanceof LockstepError && (codes.length === 0 || codes.includes(error.code));
}

/** What may be written down about any error: our own message, or a foreign error's class name and nothing else. */
export function describeError(error: unknown): {
  readonly code: ErrorCode | 'UNEXPECTED';
  readonly message: string;
} {
  if (error instanceof LockstepError) return { code: error.code, message: error.message };
  return {
    code: 'UNEXPECTED',
    message: `unexpected ${foreignName(error)}; the process log of this moment has its stack`,
  };
}

/**
 * What may be written down of a foreign error: its class name, or its system code where the class says
 * nothing (`ECONNREFUSED`). Its text may hold what it was given, and it may have been given a secret; a
 * name that does not look like one is not trusted either.
 */
export function foreignName(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = 'code' in error && error.name === 'Error' ? error.code : error.name;
  return typeof code === 'string' && /^[A-Za-z_][\w.]{0,63}$/.test(code) ? code : 'Error';
}

/** All codes with their remedy, for the documentation and the test that keeps it true. */
export const REMEDIES: Readonly<Record<ErrorCode, Remedy>> = REMEDY;
