import { withAccessOptions, type AccessOptions } from '../access-options.ts';
import { askBroker } from '../ask-broker.ts';
import { examples, type DefineCommand } from '../command-tools.ts';
import { reasonOf } from '../invocation.ts';

type Decision = AccessOptions & { readonly reason?: string };

/** `lockstep approve`. */
export const defineApprove: DefineCommand = (parent, act) => {
  withAccessOptions(parent.command('approve'))
    .summary('agree to a request for a lease')
    .description(
      'Agrees to exactly one request: another purpose, time or holder needs another approval. It is used once and runs out. ' +
        'Nobody approves their own.',
    )
    .argument('<approval>', 'its id, as lockstep approvals and the page have it')
    .option('--reason <text>', 'why; the audit keeps it')
    .addHelpText(
      'after',
      examples(["lockstep approve a-1 --as role:retrieval --reason 'INC-123, seen with Ada'", 'one of two']),
    )
    .action(
      act<Decision>(async (invocation, approval = '') => {
        const reason = await reasonOf(invocation, 'approve');
        const { approved, needed } = await askBroker(invocation, 'approve', { approval, reason });
        return invocation.answer({ approved, needed }, () =>
          approved < needed
            ? `approved by ${approved} of ${needed} people`
            : `approved by ${approved} of ${needed} people; whoever asked can have the lease now`,
        );
      }),
    );
};

/** `lockstep deny`. */
export const defineDeny: DefineCommand = (parent, act) => {
  withAccessOptions(parent.command('deny'))
    .summary('refuse a request for a lease')
    .description('Refuses a request that waits. One refusal is enough; it ends the request for good.')
    .argument('<approval>', 'its id')
    .option('--reason <text>', 'why; the audit keeps it')
    .addHelpText(
      'after',
      examples(["lockstep deny a-1 --as role:retrieval --reason 'nobody knows of an incident'", 'at once']),
    )
    .action(
      act<Decision>(async (invocation, approval = '') => {
        const reason = await reasonOf(invocation, 'deny');
        await askBroker(invocation, 'deny', { approval, reason });
        return invocation.answer({ denied: approval }, () => 'denied; whoever asked is told so');
      }),
    );
};
