import { LockstepError } from '../../lambdas/core/errors.ts';
import { examples, type DefineCommand } from '../command-tools.ts';
import { demandNoTerminal } from '../demand-no-terminal.ts';

interface TokenOptions {
  readonly subject?: string;
  readonly group?: readonly string[];
  readonly purpose?: readonly string[];
  readonly lease?: readonly string[];
  readonly show?: boolean;
}

/** `lockstep token`. */
export const defineToken: DefineCommand = (parent, act) => {
  parent
    .command('token')
    .summary('a token of an issuer that the embedded world plays')
    .description(
      'Has the runtime on this machine sign a token of one of the issuers of lockstep.config.ts, so that what comes by tokens ' +
        'can be tried: it is good for five minutes, here, and nowhere else. On AWS your issuers sign theirs.',
    )
    .argument('<issuer>', 'a name of issuers in lockstep.config.ts')
    .option('--subject <name>', 'who it speaks of')
    .option('--group <name...>', 'the groups that they are members of')
    .option('--purpose <name...>', 'the only purposes that the session may state')
    .option('--lease <name...>', 'all that the session may lease')
    .option('--show', 'write it to the terminal')
    .addHelpText(
      'after',
      examples([
        "lockstep whoami --broker http://127.0.0.1:<port> --token-command 'lockstep token <issuer> --subject ada'",
        'asks as ada; the port is in .lockstep/runtime.json',
      ]),
    )
    .action(
      act<TokenOptions>(async (invocation, issuer = '') => {
        const { subject, group, purpose, lease } = invocation.options;
        if (subject === undefined)
          throw new LockstepError('COMMAND_INVALID', 'a token speaks of somebody; add --subject <name>');
        demandNoTerminal(invocation, 'nothing was signed');
        const token = await (
          await invocation.connect()
        ).signToken({
          issuer,
          subject,
          ...(group ? { groups: group } : {}),
          ...(purpose ? { purposes: purpose } : {}),
          ...(lease ? { leases: lease } : {}),
        });
        // Asked for in so many words, and it crosses to whoever asked here.
        return invocation.answer({ token: token.reveal() }, () => token.reveal());
      }),
    );
};
