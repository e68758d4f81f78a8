import { examples, giveOrder, type DefineCommand } from '../command-tools.ts';
import { reasonOf } from '../invocation.ts';

/** `lockstep rotate`. */
export const defineRotate: DefineCommand = (parent, act) => {
  parent
    .command('rotate')
    .summary('ask for a rotation now')
    .description(
      'Asks for a rotation now. It passes the same gate as the cadence: not adopted, held, frozen, or a predecessor that is ' +
        'still in use refuse it, before anything is touched.',
    )
    .argument('<credential>')
    .option('--reason <text>', 'why; the audit keeps it')
    .addHelpText(
      'after',
      examples(["lockstep rotate vector-store --reason 'a contractor left'", 'one rotation, now']),
    )
    .action(
      act<{ readonly reason?: string }>(async (invocation, credential = '') => {
        const reason = await reasonOf(invocation, 'rotate');
        return giveOrder(invocation, { order: 'rotate', credential, reason }, [
          `lockstep status ${credential}`,
        ]);
      }),
    );
};
