import { examples, giveOrder, type DefineCommand } from '../command-tools.ts';
import { reasonOf } from '../invocation.ts';

/** `lockstep release`. */
export const defineRelease: DefineCommand = (parent, act) => {
  parent
    .command('release')
    .summary('end a hold')
    .description('Ends a hold, whoever placed it. A rotation that waited is decided anew at once.')
    .argument('<credential>')
    .option('--reason <text>', 'why; the audit keeps it')
    .addHelpText(
      'after',
      examples(["lockstep release vector-store --reason 'the database has moved'", 'goes on']),
    )
    .action(
      act<{ readonly reason?: string }>(async (invocation, credential = '') => {
        const reason = await reasonOf(invocation, 'release');
        return giveOrder(invocation, { order: 'release', credential, reason });
      }),
    );
};
