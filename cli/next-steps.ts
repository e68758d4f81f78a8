import { isLockstepError, type ErrorCode } from '../lambdas/core/errors.ts';

/** What to do about a failure, where its message alone does not say. */
const STEPS: Readonly<Partial<Record<ErrorCode, string>>> = {
  INVENTORY_INVALID: 'mend lockstep.config.ts, then: lockstep inventory check',
  POLICY_INVALID: 'mend the policies, then: lockstep policy check',
  UNKNOWN_CREDENTIAL: 'lockstep inventory list',
  FOLDER_IN_USE: 'try again in a moment; a runtime that hangs has to be ended by its process id',
  LOCK_HELD: 'somebody else is changing this account; try again in a few seconds',
  LEDGER_CONFLICT: 'somebody else wrote at the same moment; try again',
  AUDIT_UNAVAILABLE: 'nothing goes on without the audit; see: lockstep audit verify',
  TARGET_UNREACHABLE: 'see that the target runs and can be reached from here, then try again',
  TARGET_LACKS_GRANT: 'run the SQL as an administrator of the target; see: lockstep inventory check',
  VAULT_REFUSED: 'your own principal needs the right: it has to be among the adopters of the inventory',
  VALUE_MALFORMED: 'lockstep help adopt shows the form of each kind',
  OUT_OF_ORDER: 'see how it stands: lockstep status',
  PREDECESSOR_IN_USE: 'wait until it is over, or see whom it waits for: lockstep status --waiting',
  PREDECESSOR_REVOKED: 'there is no way back any more; see how it stands: lockstep status',
  NOT_BOUND:
    'ask whoever runs this environment: for the permission of this order, or, at the broker, for an entry in its lockstep.config.ts',
};

/**
 * The next step after a failure, where there is one to name.
 *
 * @param help the command that shows how the one that failed is used
 */
export function nextStepAfter(error: unknown, help: string): string | undefined {
  if (!isLockstepError(error)) return undefined;
  const { code, message, remedy, retryAfterSeconds } = error;
  if (retryAfterSeconds !== undefined) return `try again in ${Math.ceil(retryAfterSeconds)} s`;
  // Most of our messages end with the command to run; said twice, it would only be longer.
  if (/\blockstep [a-z]/.test(message) && code !== 'UNKNOWN_CREDENTIAL') return undefined;
  if (code === 'COMMAND_INVALID') return help;
  return STEPS[code] ?? (remedy === 'retry' ? 'nothing has to be changed first; try again' : undefined);
}
