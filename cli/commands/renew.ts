import { withAccessOptions, type AccessOptions } from '../access-options.ts';
import { askBroker } from '../ask-broker.ts';
import { examples, secondsOf, type DefineCommand } from '../command-tools.ts';
import { leaseText } from '../output/lease-text.ts';

/** `lockstep renew`. */
export const defineRenew: DefineCommand = (parent, act) => {
  withAccessOptions(parent.command('renew'))
    .summary('more time for a lease of yours')
    .description(
      'Moves the end of a lease, decided anew by policy, and never beyond its longest time. Kinds whose leases cannot be moved ' +
        'are refused by name: ask for another lease.',
    )
    .argument('<lease>', 'its id')
    .option(
      '--ttl <duration>',
      'how long from now: 90s, 15m or 1h (default: what the inventory says)',
      secondsOf,
    )
    .addHelpText(
      'after',
      examples(['lockstep renew 0123456789abcdefghjkmnpqrs --as research-agent --ttl 10m', 'ten minutes']),
    )
    .action(
      act<AccessOptions & { readonly ttl?: number }>(async (invocation, lease = '') => {
        const { ttl } = invocation.options;
        const found = await askBroker(invocation, 'renew', {
          lease,
          ...(ttl === undefined ? {} : { ttlSeconds: ttl }),
        });
        const now = invocation.surroundings.clock().toISOString();
        return invocation.answer(found, () => leaseText(found.lease, now));
      }),
    );
};
