import { withAccessOptions, type AccessOptions } from '../access-options.ts';
import { askBroker } from '../ask-broker.ts';
import { examples, type DefineCommand } from '../command-tools.ts';
import { plainText } from '../output/plain-text.ts';

/** `lockstep whoami`. */
export const defineWhoami: DefineCommand = (parent, act) => {
  withAccessOptions(parent.command('whoami'))
    .summary('who the broker takes you for, and what you could lease')
    .description(
      'Who you are to the broker, for whom you act, what you may lease now, and for which purposes.',
    )
    .addHelpText(
      'after',
      examples(['lockstep whoami --as research-agent', 'what the agent is to the broker']),
    )
    .action(
      act<AccessOptions>(async (invocation) => {
        const found = await askBroker(invocation, 'whoami', {});
        const { caller, actingFor, purposes, leasables, byBreakingGlass = [] } = found;
        return invocation.answer(found, () =>
          [
            actingFor === undefined ? caller : `${caller}, acting for ${actingFor}`,
            `purposes: ${purposes.join(', ') || 'none'}`,
            `could lease: ${leasables.join(', ') || 'nothing'}`,
            ...(byBreakingGlass.length === 0
              ? []
              : [`by breaking the glass: ${byBreakingGlass.join(', ')}, with --break-glass '<reason>'`]),
          ]
            .map(plainText)
            .join('\n'),
        );
      }),
    );
};
