import type { LockstepError } from '../../lambdas/core/errors.ts';
import type { LeaseCommand, LeaseFunctions } from '../../lambdas/core/ports/lease-functions.ts';

/**
 * A target that answers some commands with an error of its own, as whoever asks sees it. What it answers `undefined`
 * to, it does.
 */
export const stubborn = (
  leases: LeaseFunctions,
  refuses: (command: LeaseCommand) => LockstepError | undefined,
): LeaseFunctions => ({
  call: async (kind, command) => {
    const error = refuses(command as unknown as LeaseCommand);
    if (error) throw error;
    return leases.call(kind, command);
  },
});
