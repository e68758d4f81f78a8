import type { Command } from 'commander';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { EXIT, EXIT_MEANINGS } from '../exit-codes.ts';
import type { DefineCommand, Work } from '../command-tools.ts';
import { tableText } from '../output/table.ts';

/** `lockstep help`: of a command, or on a topic. */
export const defineHelp: DefineCommand = (parent, act) => {
  parent
    .command('help')
    .summary('help on a command, or on exit-codes')
    .description('Help on a command, or on a topic: exit-codes.')
    .argument('[topic...]', 'a command, or exit-codes')
    .action(act(helpOn(parent)));
};

const helpOn =
  (program: Command): Work<object> =>
  async (invocation, ...given) => {
    const words = given.flat().filter((word) => word !== undefined);
    if (words[0] === 'exit-codes')
      return invocation.answer(
        Object.fromEntries(EXIT_MEANINGS.map(([code, meaning]) => [code, meaning])),
        exitCodesText,
      );
    const command = words.reduce<Command | undefined>(
      (at, word) => at?.commands.find((each) => each.name() === word),
      program,
    );
    if (!command)
      throw new LockstepError(
        'COMMAND_INVALID',
        'there is no help on that; lockstep help lists the commands',
      );
    command.outputHelp();
    return EXIT.done;
  };

const exitCodesText = (): string =>
  [
    tableText(EXIT_MEANINGS.map(([code, meaning]) => [String(code), meaning])),
    '',
    'A command that a signal ended has the code of the shell: 130 for Ctrl-C.',
  ].join('\n');
