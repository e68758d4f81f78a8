import { LockstepError } from '../lambdas/core/errors.ts';
import type { Invocation } from './invocation.ts';

/**
 * Refuses to write something secret to a terminal, where it stays to be read, unless the person says that it should.
 *
 * @param done what has become of the command by now
 */
export function demandNoTerminal(
  { options, surroundings }: Invocation<{ readonly show?: boolean }>,
  done: string,
): void {
  if (!surroundings.output.isTerminal || options.show) return;
  throw new LockstepError(
    'COMMAND_INVALID',
    'what was asked for would be written to this terminal, where it stays to be read. Write it to a pipe or a file of a ' +
      `program, use a lease without seeing it (lockstep proxy), or say --show; ${done}`,
  );
}
