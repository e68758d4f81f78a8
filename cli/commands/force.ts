import { examples, giveOrder, type DefineCommand } from '../command-tools.ts';
import { reasonOf } from '../invocation.ts';

interface ForceOptions {
  readonly dependent: readonly string[];
  readonly reason?: string;
}

/** `lockstep force`. */
export const defineForce: DefineCommand = (parent, act) => {
  parent
    .command('force')
    .summary('count named missing dependents as adopted')
    .description(
      'Counts the named missing dependents of the one waiting rotation as adopted, on the record. Starts nothing, passes no ' +
        'hold, shortens no drain. A dependent that still uses the old version fails when that version goes.',
    )
    .argument('<credential>')
    .requiredOption('--dependent <name...>', 'whom: as lockstep status --waiting names them')
    .option('--reason <text>', 'why; the audit keeps it')
    .addHelpText(
      'after',
      examples(
        ["lockstep force vector-store --dependent embedder --reason 'it is switched off'", 'one'],
        ["lockstep force vector-store --dependent embedder rag-api --reason 'both are gone'", 'several'],
      ),
    )
    .action(
      act<ForceOptions>(async (invocation, credential = '') => {
        const reason = await reasonOf(invocation, 'force');
        const dependents = [...new Set(invocation.options.dependent)];
        return giveOrder(invocation, { order: 'force', credential, dependents, reason }, [
          `lockstep status ${credential}`,
        ]);
      }),
    );
};
