import { isLockstepError } from '../core/errors.ts';

/** For commits that somebody else may have been faster with: whoever comes next reads again. */
export function ignoreConflict(error: unknown): void {
  if (!isLockstepError(error, 'LEDGER_CONFLICT')) throw error;
}
