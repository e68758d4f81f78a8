import { withAccessOptions, type AccessOptions } from '../access-options.ts';
import { askBroker } from '../ask-broker.ts';
import { examples, type DefineCommand } from '../command-tools.ts';
import { leasesText } from '../output/lease-text.ts';
import { askerWords, optionWords, shellText } from '../shell-text.ts';
import { showOneLease } from '../show-lease.ts';

interface LeasesOptions extends AccessOptions {
  readonly leasable?: string;
  readonly after?: string;
}

/** `lockstep leases`. */
export const defineLeases: DefineCommand = (parent, act) => {
  withAccessOptions(parent.command('leases'))
    .summary('who has what for minutes, and what is owed')
    .description(
      'Leases that are not over: your own, and all of them where policy lets you end them. What could not be ended at its ' +
        'target yet is shown as owed; it is tried again without end.',
    )
    .argument('[lease]', 'one lease, in full and with its audit: also one that is over, for 30 days')
    .option('--leasable <name>', 'only of this')
    .option('--after <place>', 'the next page, as the page before it says')
    .addHelpText(
      'after',
      examples(
        ['lockstep leases --as role:on-call', 'all of them, as on-call'],
        ['lockstep leases --as research-agent', 'its own'],
        ['lockstep leases <lease> --as role:on-call', 'one of them: state, times, debts, approvals, audit'],
      ),
    )
    .action(
      act<LeasesOptions>(async (invocation, lease) => {
        if (lease !== undefined) return showOneLease(invocation, lease);
        const { leasable, after } = invocation.options;
        const found = await askBroker(invocation, 'leases', {
          ...(leasable === undefined ? {} : { leasable }),
          ...(after === undefined ? {} : { after }),
        });
        const now = invocation.surroundings.clock().toISOString();
        const more =
          found.after === undefined
            ? []
            : [`There are more: ${nextPage({ ...invocation.options, after: found.after })}`];
        return invocation.answer(found, () =>
          [leasesText(found.leases, now, invocation.width), ...more].join('\n'),
        );
      }),
    );
};

/** To be pasted: what stands behind a page is no word of a shell. */
const nextPage = ({ leasable, after, ...asker }: LeasesOptions): string =>
  shellText(['lockstep', 'leases', ...optionWords({ leasable, after }), ...askerWords(asker)]);
