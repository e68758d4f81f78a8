import { examples, giveOrder, type DefineCommand } from '../command-tools.ts';
import { reasonOf } from '../invocation.ts';

/** `lockstep roll-back`. */
export const defineRollBack: DefineCommand = (parent, act) => {
  parent
    .command('roll-back')
    .summary('go back to the version before')
    .description(
      'Orders the way back of the rotation under way. Before promotion its successor is given up; after it the predecessor is ' +
        'brought back, proved by a login and made current, and the dependents are sent for. Refused once the predecessor is ' +
        'revoked, and for credentials that change in place.',
    )
    .argument('<credential>')
    .option('--reason <text>', 'why; the audit keeps it')
    .addHelpText(
      'after',
      examples(["lockstep roll-back vector-store --reason 'rag-api cannot log in'", 'back']),
    )
    .action(
      act<{ readonly reason?: string }>(async (invocation, credential = '') => {
        const reason = await reasonOf(invocation, 'roll-back');
        return giveOrder(invocation, { order: 'roll-back', credential, reason }, [
          `lockstep status ${credential}`,
        ]);
      }),
    );
};
