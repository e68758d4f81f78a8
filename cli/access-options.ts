import { Option, type Command } from 'commander';
import { commandWords } from '../client/access/command-words.ts';
import { LockstepError } from '../lambdas/core/errors.ts';
import type { AccessPlace } from './connection/access-place.ts';
import type { Invocation } from './invocation.ts';

/** By which options it is said which broker is asked, and as whom. */
export interface AccessOptions {
  readonly as?: string;
  readonly broker?: string;
  readonly tokenFile?: string;
  readonly tokenCommand?: string;
  readonly actingFor?: string;
}

/** Adds them to a command. */
export const withAccessOptions = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--as <who>',
        'embedded world: who asks, by its identity: a workload, role:<name>, or role:<name>.2 for another of its people',
      ),
    )
    .addOption(
      new Option(
        '--broker <url>',
        'the address of the broker, in place of --stage; asked with the credentials of AWS found here, or by a token',
      ),
    )
    .addOption(
      new Option(
        '--token-command <command>',
        'with --broker: who asks is said by the token that this program prints, run for each ask, without a shell',
      ),
    )
    .addOption(
      new Option(
        '--token-file <path>',
        'with --broker: who asks is said by the token in this file, which is good for one ask',
      ),
    )
    .addOption(
      new Option('--acting-for <path>', 'a file with the token of the person that an agent acts for'),
    );

/** What they say. Throws `COMMAND_INVALID`. */
export function accessPlaceOf({
  options,
  place,
}: Pick<Invocation<AccessOptions>, 'options' | 'place'>): AccessPlace {
  const { as, broker, tokenFile, tokenCommand, actingFor } = options;
  const invalid = (what: string): never => {
    throw new LockstepError('COMMAND_INVALID', what);
  };
  const acting = actingFor === undefined ? {} : { actingFor };
  const isByToken = tokenFile !== undefined || tokenCommand !== undefined;
  if (tokenFile !== undefined && tokenCommand !== undefined)
    return invalid('a token comes from one place: --token-command or --token-file');
  if (broker === undefined && isByToken)
    return invalid('the address of the broker is missing; the stack of access prints it: --broker <url>');
  if (as !== undefined && (broker !== undefined || place.stage !== undefined))
    return invalid('--as is for the embedded world; at a broker on AWS you are who AWS or a token says');
  if (broker === undefined && place.stage !== undefined)
    return { by: 'stage', folder: place.folder, stage: place.stage, ...acting };
  if (broker === undefined) {
    if (as === undefined)
      return invalid(
        'nothing says who asks: --as <workload> or --as role:<name> here, --stage <name> or --broker <url> for an environment on AWS',
      );
    return { by: 'identity', folder: place.folder, as, ...acting };
  }
  if (!isByToken) return { by: 'signature', broker, ...acting };
  if (actingFor !== undefined)
    return invalid(
      'who asks by a token cannot act for another; ask with the credentials of AWS, and --acting-for',
    );
  return tokenFile === undefined
    ? { by: 'token', broker, tokenCommand: commandWords(tokenCommand ?? '', '--token-command') }
    : { by: 'token', broker, tokenFile };
}
