import { LockstepError } from '../../lambdas/core/errors.ts';
import { examples, giveOrder, type DefineCommand } from '../command-tools.ts';

/** `lockstep page --test`. */
export const definePage: DefineCommand = (parent, act) => {
  parent
    .command('page')
    .summary('send a test page the way a real one goes')
    .description(
      'Sends a test page through bus, rule, queue and function to on-call, and so proves the way after a deploy.',
    )
    .option('--test', 'says that a test page is meant; there is no other')
    .addHelpText(
      'after',
      examples(['lockstep page --test --stage production', 'wakes on-call of production']),
    )
    .action(
      act<{ readonly test?: boolean }>(async (invocation) => {
        if (invocation.options.test) return giveOrder(invocation, { order: 'page-test' });
        throw new LockstepError(
          'COMMAND_INVALID',
          'pages are sent by what happens; to send a test page run: lockstep page --test',
        );
      }),
    );
};
