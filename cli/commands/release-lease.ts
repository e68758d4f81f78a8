import { withAccessOptions, type AccessOptions } from '../access-options.ts';
import { askBroker } from '../ask-broker.ts';
import { examples, type DefineCommand } from '../command-tools.ts';
import { releasedText } from '../output/lease-text.ts';

/** `lockstep release-lease`. */
export const defineReleaseLease: DefineCommand = (parent, act) => {
  withAccessOptions(parent.command('release-lease'))
    .summary('give a lease of yours back')
    .description('Ends a lease before its time, because its holder needs it no more.')
    .argument('<lease>', 'its id')
    .addHelpText(
      'after',
      examples(['lockstep release-lease 0123456789abcdefghjkmnpqrs --as research-agent', 'ends it now']),
    )
    .action(
      act<AccessOptions>(async (invocation, lease = '') => {
        const found = await askBroker(invocation, 'release', { lease });
        const now = invocation.surroundings.clock().toISOString();
        return invocation.answer(found, () => releasedText(found.lease, now));
      }),
    );
};
