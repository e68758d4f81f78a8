import type { DefineCommand, Work } from '../command-tools.ts';
import { examples } from '../command-tools.ts';
import { authorityText } from '../output/authority-text.ts';
import { credentialText, statusText } from '../output/status-text.ts';
import { isWaiting } from '../output/status-words.ts';
import { withSuggestion } from '../suggest-credential.ts';
import { watchStatus } from './status-of-watch.ts';

interface StatusOptions {
  readonly overdue?: boolean;
  readonly waiting?: boolean;
  readonly watch?: boolean;
}

/** `lockstep status`. */
export const defineStatus: DefineCommand = (parent, act) => {
  parent
    .command('status')
    .summary('how everything stands, and what to do about it')
    .description(
      'Shows how every credential stands, and how old what leases are made by is, or one of them in full; and what somebody ' +
        'may want to do about it.',
    )
    .argument('[credential]', 'one credential or lease authority, in full')
    .option('--overdue', 'only what is older than its cadence, or its supplyEvery, allows')
    .option('--waiting', 'only what is held or waits for a dependent')
    .option('--watch', 'the watch instead: whether it still sees, and what it found')
    .addHelpText(
      'after',
      examples(
        ['lockstep status', 'everything'],
        ['lockstep status vector-store', 'one credential, in full'],
        ['lockstep status --waiting --stage production', 'who keeps an old version alive there'],
        ['lockstep status --json', 'for a program'],
      ),
    )
    .action(act(status));
};

const status: Work<StatusOptions> = async (invocation, credential) => {
  const { overdue, waiting, watch } = invocation.options;
  if (watch) return watchStatus(invocation);
  const connection = await invocation.connect();
  const all = await withSuggestion(connection, credential, () =>
    connection.query('status', credential === undefined ? {} : { credential }),
  );
  if (connection.via === 'files')
    invocation.remark('No runtime works on this folder: nothing rotates until npm start.\n');
  const credentials = all.credentials.filter(
    (each) => (!overdue || each.overdue) && (!waiting || isWaiting(each)),
  );
  const { leaseAuthorities = [], ...rest } = all;
  // People who supply are waited for by nobody but the calendar.
  const authorities = leaseAuthorities.filter((each) => !waiting && (!overdue || each.overdue));
  const report = {
    ...rest,
    credentials,
    ...(authorities.length > 0 ? { leaseAuthorities: authorities } : {}),
  };
  return invocation.answer(report, () => {
    const [only] = credentials;
    const [authority] = authorities;
    if (credential !== undefined && only) return credentialText(only, report, invocation.paint);
    if (credential !== undefined && authority) return authorityText(authority, report, invocation.paint);
    if (waiting && !overdue && credentials.length > 0)
      return credentials.map((each) => credentialText(each, report, invocation.paint)).join('\n\n');
    if (credentials.length + authorities.length === 0) return nothing(invocation.options);
    return statusText(report, invocation.paint);
  });
};

const nothing = ({ overdue, waiting }: StatusOptions): string => {
  if (overdue && waiting) return 'Nothing is both overdue and waiting.';
  if (overdue) return 'Nothing is overdue.';
  return waiting
    ? 'Nothing is held, and no dependent is waited for.'
    : 'The inventory declares no credential.';
};
