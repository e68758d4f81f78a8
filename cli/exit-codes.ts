import { isLockstepError } from '../lambdas/core/errors.ts';

/** How the process ends. Closed: scripts decide by these, so a new meaning is a new number. */
export const EXIT = {
  done: 0,
  refused: 1,
  wrong: 2,
  unreachable: 3,
  auditFaults: 4,
  drift: 5,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What each exit code means: `lockstep help exit-codes` prints it, docs/cli.md repeats it. */
export const EXIT_MEANINGS: readonly (readonly [code: ExitCode, meaning: string])[] = [
  [EXIT.done, 'done, or answered'],
  [EXIT.refused, 'refused or failed; the message says what to do'],
  [EXIT.wrong, 'the inventory, the policies or the command line is wrong; nothing was touched'],
  [EXIT.unreachable, 'nothing reachable: no runtime, the wrong folder, no AWS credentials, no answer'],
  [EXIT.auditFaults, 'the audit does not verify'],
  [EXIT.drift, 'drift: the inventory and the vault differ'],
];

/** The exit code of a failure. */
export function exitCodeOf(error: unknown): ExitCode {
  if (isLockstepError(error, 'COMMAND_INVALID', 'INVENTORY_INVALID', 'POLICY_INVALID', 'UNKNOWN_CREDENTIAL'))
    return EXIT.wrong;
  if (isLockstepError(error, 'NOTHING_REACHABLE', 'FOLDER_IN_USE')) return EXIT.unreachable;
  return EXIT.refused;
}
