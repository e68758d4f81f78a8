import { LockstepError } from '../../lambdas/core/errors.ts';
import type { OrderAnswer } from '../../lambdas/operate/operate-ports.ts';
import { examples, giveOrder, type DefineCommand, type Work } from '../command-tools.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../input/terminal.ts';
import { reasonOf } from '../invocation.ts';
import { plainText } from '../output/plain-text.ts';

interface RevokeOptions {
  readonly breach?: boolean;
  readonly reason?: string;
  readonly yes?: boolean;
}

/** `lockstep revoke --breach`. */
export const defineRevoke: DefineCommand = (parent, act) => {
  parent
    .command('revoke')
    .summary('answer a leak: stop every version at once, then make a new one')
    .description(
      'Breach mode, the answer to a leak: stops at the target every version that works, ends its sessions, pages on-call, and ' +
        'only then makes a new value. No hold, freeze or waiting dependent stops it. Dependents fail until they have read the ' +
        'new value. For anything less use lockstep rotate.',
    )
    .argument('<credential>')
    .option('--breach', 'says that this is meant; without it nothing is done')
    .option('--reason <text>', 'why; the audit and the page have it')
    .option('--yes', 'do not ask at a terminal')
    .addHelpText(
      'after',
      examples(["lockstep revoke openai-agents --breach --reason 'key in a public log'", 'at once']),
    )
    .action(act(revoke));
};

const revoke: Work<RevokeOptions> = async (invocation, credential = '') => {
  const { breach, yes } = invocation.options;
  if (!breach)
    throw new LockstepError(
      'COMMAND_INVALID',
      'revoke stops every version that works before there is a new one, so dependents fail for a while. If that is meant, ' +
        "add --breach; otherwise run: lockstep rotate <credential> --reason '…'",
    );
  const reason = await reasonOf(invocation, 'revoke');
  const { terminal } = invocation.surroundings;
  if (terminal.isInteractive && !yes) await confirm(terminal, credential);
  return giveOrder(
    invocation,
    { order: 'revoke-breach', credential, reason },
    [`lockstep status ${credential}`],
    codeOf,
  );
};

async function confirm(terminal: Terminal, credential: string): Promise<void> {
  const name = plainText(credential);
  const typed = await terminal.ask(
    `Every version of ${name} that works is stopped at its target now, sessions are ended, and on-call is paged.\n` +
      `A new value is made after that; dependents fail until they have read it. Type ${name} to go on: `,
  );
  if (typed.trim() !== credential)
    throw new LockstepError('NOT_CONFIRMED', 'the name was not repeated; nothing was done');
}

/** Carried out, and yet a failure where something is still alive: whoever scripts this must not read it as done. */
function codeOf({ facts }: OrderAnswer): ExitCode {
  const failed = facts['failed'];
  const isAlive = facts['error'] !== undefined || (Array.isArray(failed) && failed.length > 0);
  return isAlive ? EXIT.refused : EXIT.done;
}
