import { examples, giveOrder, type DefineCommand } from '../command-tools.ts';
import { reasonOf } from '../invocation.ts';

/** `lockstep redrive`. */
export const defineRedrive: DefineCommand = (parent, act) => {
  parent
    .command('redrive')
    .summary('deliver dead letters again')
    .description(
      'Delivers again what was given up: all of it, or what is about one credential. Mend the cause first.',
    )
    .argument('[credential]', 'only what is about this one')
    .option('--reason <text>', 'why; the audit keeps it')
    .addHelpText(
      'after',
      examples(
        ["lockstep redrive --reason 'cause mended'", 'everything'],
        ["lockstep redrive vector-store --reason 'rag-api is up again'", 'one credential'],
      ),
    )
    .action(
      act<{ readonly reason?: string }>(async (invocation, credential) => {
        const reason = await reasonOf(invocation, 'redrive');
        return giveOrder(invocation, {
          order: 'redrive',
          reason,
          ...(credential === undefined ? {} : { credential }),
        });
      }),
    );
};
