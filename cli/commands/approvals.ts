import { withAccessOptions, type AccessOptions } from '../access-options.ts';
import { askBroker } from '../ask-broker.ts';
import { examples, type DefineCommand } from '../command-tools.ts';
import { approvalsText } from '../output/lease-text.ts';

/** `lockstep approvals`. */
export const defineApprovals: DefineCommand = (parent, act) => {
  withAccessOptions(parent.command('approvals'))
    .summary('requests for leases that wait for people')
    .description(
      'Requests that wait for your decision, and your own that wait for that of others; and leases that were taken by breaking the glass and wait for your review.',
    )
    .addHelpText(
      'after',
      examples(['lockstep approvals --as role:retrieval', 'what the team has to look at']),
    )
    .action(
      act<AccessOptions>(async (invocation) => {
        const found = await askBroker(invocation, 'approvals', {});
        const now = invocation.surroundings.clock().toISOString();
        return invocation.answer(found, () => approvalsText(found, now, invocation.width));
      }),
    );
};
