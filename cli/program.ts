import { Command, Option } from 'commander';
import { defineAdopt } from './commands/adopt.ts';
import { defineAudit } from './commands/audit-verify.ts';
import { defineForce } from './commands/force.ts';
import { defineHelp } from './commands/help.ts';
import { defineHistory } from './commands/history.ts';
import { defineHold } from './commands/hold.ts';
import { defineInventory } from './commands/inventory.ts';
import { defineMcp } from './commands/mcp.ts';
import { definePolicy } from './commands/policy.ts';
import { definePage } from './commands/page.ts';
import { defineProxy } from './commands/proxy.ts';
import { defineRedrive } from './commands/redrive.ts';
import { defineRelease } from './commands/release.ts';
import { defineRevoke } from './commands/revoke.ts';
import { defineRollBack } from './commands/roll-back.ts';
import { defineRotate } from './commands/rotate.ts';
import { defineStatus } from './commands/status.ts';
import { defineApprovals } from './commands/approvals.ts';
import { defineApprove, defineDeny } from './commands/approve.ts';
import { defineLease } from './commands/lease.ts';
import { defineLeases } from './commands/leases.ts';
import { defineReleaseLease } from './commands/release-lease.ts';
import { defineRenew } from './commands/renew.ts';
import { defineReview } from './commands/review.ts';
import { defineRevokeLeases } from './commands/revoke-leases.ts';
import { defineSupply } from './commands/supply.ts';
import { defineToken } from './commands/token.ts';
import { defineWhoami } from './commands/whoami.ts';
import { defineWhatCan } from './commands/what-can.ts';
import { defineWhoCan } from './commands/who-can.ts';
import { examples, wholeNumber, type Act, type DefineCommand } from './command-tools.ts';
import type { Surroundings } from './surroundings.ts';

/** Every command, in the order in which help lists them. */
const COMMANDS: readonly DefineCommand[] = [
  defineStatus,
  defineHistory,
  defineAdopt,
  defineRotate,
  defineHold,
  defineRelease,
  defineForce,
  defineRollBack,
  defineRedrive,
  defineRevoke,
  defineAudit,
  defineInventory,
  definePolicy,
  defineWhoCan,
  defineWhatCan,
  defineLease,
  defineRenew,
  defineReleaseLease,
  defineLeases,
  defineRevokeLeases,
  defineApprovals,
  defineApprove,
  defineDeny,
  defineReview,
  defineWhoami,
  defineSupply,
  defineToken,
  defineProxy,
  defineMcp,
  definePage,
  defineHelp,
];

/** The command line as a whole. `act` turns what a command does into what commander runs. */
export function makeProgram(
  { output, errors, version }: Pick<Surroundings, 'output' | 'errors' | 'version'>,
  act: Act,
): Command {
  const program = new Command('lockstep')
    .description('Credentials, and everything that uses them, changed in lockstep.')
    .usage('<command> [options]')
    .version(version, '--version')
    .addOption(
      new Option('--json', 'the result as JSON on standard output, errors as JSON on standard error'),
    )
    .addOption(
      new Option(
        '--stage <environment>',
        'an environment on AWS; without it the embedded world of the folder',
      ),
    )
    .addOption(
      new Option(
        '--folder <path>',
        'the workspace: where lockstep.config.ts and .lockstep are (default: here)',
      ),
    )
    .addOption(new Option('--timeout <seconds>', 'how long an answer is waited for').argParser(wholeNumber))
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => output.write(text),
      writeErr: (text) => errors.write(text),
      // Commander quotes what it did not understand, which may be a value; we say it ourselves.
      outputError: () => undefined,
    })
    .helpCommand(false)
    .addHelpText(
      'after',
      examples(
        ['lockstep status', 'how everything stands'],
        ["lockstep rotate vector-store --reason 'a contractor left'", 'ask for a rotation now'],
        ['lockstep history --last 5', 'what happened last'],
        ['lockstep audit verify --stage production', 'prove the audit of production'],
        ['lockstep help exit-codes', 'what the exit codes mean'],
      ),
    );
  for (const define of COMMANDS) define(program, act);
  return program;
}
