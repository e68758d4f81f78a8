import type { Command } from 'commander';
import { LockstepError } from '../lambdas/core/errors.ts';

/**
 * Refuses words of a program that do not stand behind --, before anything is asked for: a word too many would be started,
 * and be given what was leased.
 */
export function demandBehind(command: Command, given: readonly unknown[], words: readonly string[]): void {
  const at = command.registeredArguments.findIndex((argument) => argument.name() === 'program');
  if (at < 0) return;
  const program = [given[at] ?? []].flat();
  const behind = words.includes('--') ? words.length - words.indexOf('--') - 1 : 0;
  if (program.length === behind) return;
  throw new LockstepError(
    'COMMAND_INVALID',
    `${command.name()} takes one name; a program and its words stand behind --, and the options before it. Nothing was leased`,
  );
}
