import { LockstepError } from '../../lambdas/core/errors.ts';
import { withAccessOptions, type AccessOptions } from '../access-options.ts';
import { askBroker } from '../ask-broker.ts';
import { examples, type DefineCommand } from '../command-tools.ts';

/** `lockstep review`. */
export const defineReview: DefineCommand = (parent, act) => {
  withAccessOptions(parent.command('review'))
    .summary('look at a lease that was taken by breaking the glass')
    .description(
      'Puts on record that somebody else has looked at a lease that was taken without the approvals that policy wants. Until ' +
        'then on-call is reminded.',
    )
    .argument('<lease>', 'its id, as the page has it')
    .option('--note <text>', 'what was found; the audit keeps it')
    .addHelpText(
      'after',
      examples([
        "lockstep review 0123456789abcdefghjkmnpqrs --as role:retrieval --note 'INC-123: right, and short'",
        'ends the reminders',
      ]),
    )
    .action(
      act<AccessOptions & { readonly note?: string }>(async (invocation, lease = '') => {
        const note = invocation.options.note?.trim();
        if (note === undefined || note === '')
          throw new LockstepError('COMMAND_INVALID', "a review says what was found; add --note '…'");
        await askBroker(invocation, 'review', { lease, note });
        return invocation.answer({ reviewed: lease }, () => 'reviewed, and on record');
      }),
    );
};
