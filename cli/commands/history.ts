import type { AuditRecord } from '../../lambdas/core/audit/record.ts';
import { NO_CREDENTIAL } from '../../lambdas/core/watch/finding.ts';
import { examples, wholeNumber, type DefineCommand, type Work } from '../command-tools.ts';
import type { Connection } from '../connection/connection.ts';
import type { Invocation } from '../invocation.ts';
import { findingsText, recordsText, refusalsText, type NamedRefusal } from '../output/history-text.ts';
import { credentialNames, unknownCredential, withSuggestion } from '../suggest-credential.ts';

interface HistoryOptions {
  readonly last?: number;
  readonly findings?: boolean;
  readonly refusals?: boolean;
}

/** How much is shown where nobody says. */
const SHOWN = 20;
/** Chains of the audit that are no credential's. */
const OTHER_CHAINS = ['operations', NO_CREDENTIAL];
/** Questions at once: an inventory may be long, and every one of them is a call. */
const AT_ONCE = 6;

/** `lockstep history`. */
export const defineHistory: DefineCommand = (parent, act) => {
  parent
    .command('history')
    .summary('what happened, as the audit has it')
    .description(
      'Shows the last records of the audit, the newest at the end: of one credential, or of all. "operations" is the chain of ' +
        'what is about no credential.',
    )
    .argument('[credential]', 'one credential')
    .option('--last <count>', `how many (default: ${SHOWN})`, wholeNumber)
    .option('--findings', 'what the watch found instead, with its reasons')
    .option('--refusals', 'requests that were refused instead, with their reasons')
    .addHelpText(
      'after',
      examples(
        ['lockstep history vector-store', 'what happened to it'],
        ['lockstep history --last 5', 'the last that happened to anything'],
        ['lockstep history --findings', 'who read what out of character'],
        ['lockstep history vector-store --refusals', 'why it did not rotate'],
      ),
    )
    .action(act(history));
};

const history: Work<HistoryOptions> = async (invocation, credential) => {
  const connection = await invocation.connect();
  return withSuggestion(connection, credential, async () =>
    invocation.options.findings
      ? showFindings(invocation, connection, credential)
      : showRecords(invocation, connection, credential),
  );
};

async function showFindings(
  invocation: Invocation<HistoryOptions>,
  connection: Connection,
  credential: string | undefined,
) {
  const report = await connection.query('findings', credential === undefined ? {} : { credential });
  const findings = report.findings.slice(0, invocation.options.last ?? SHOWN).toReversed();
  const now = invocation.surroundings.clock().toISOString();
  return invocation.answer({ findings }, () => findingsText(findings, now, invocation.paint));
}

async function showRecords(
  invocation: Invocation<HistoryOptions>,
  connection: Connection,
  credential: string | undefined,
) {
  const { last = SHOWN, refusals: wantsRefusals } = invocation.options;
  const happened =
    credential === undefined
      ? await historyOfAll(connection, last)
      : await historyOfOne(connection, credential, last);
  const records = happened.records.slice(-last);
  const refusals = happened.refusals.slice(-last);
  const result = { ...(credential === undefined ? {} : { credential }), records, refusals };
  const now = invocation.surroundings.clock().toISOString();
  return invocation.answer(result, () =>
    wantsRefusals ? refusalsText(refusals, now, invocation.paint) : recordsText(records, invocation.paint),
  );
}

interface Happened {
  readonly records: readonly AuditRecord[];
  readonly refusals: readonly NamedRefusal[];
}

async function historyOf(connection: Connection, credential: string, limit: number): Promise<Happened> {
  const { records, refusals } = await connection.query('history', { credential, limit });
  const named = refusals.map((refusal) => ({ ...refusal, credential }));
  return { records, refusals: byTime(named, ({ at }) => at) };
}

/** A name without any history is asked for: a mistyped one must not look like a quiet credential. */
async function historyOfOne(connection: Connection, credential: string, limit: number): Promise<Happened> {
  const happened = await historyOf(connection, credential, limit);
  if (happened.records.length > 0 || happened.refusals.length > 0 || OTHER_CHAINS.includes(credential))
    return happened;
  const names = await credentialNames(connection);
  if (!names.includes(credential)) throw unknownCredential(credential, names);
  return happened;
}

async function historyOfAll(connection: Connection, limit: number): Promise<Happened> {
  const waiting = [...(await credentialNames(connection)), ...OTHER_CHAINS];
  const all: Happened[] = [];
  while (waiting.length > 0) {
    const some = waiting.splice(0, AT_ONCE);
    all.push(...(await Promise.all(some.map((name) => historyOf(connection, name, limit)))));
  }
  return {
    records: byTime(
      all.flatMap(({ records }) => records),
      ({ entry }) => entry.at,
    ),
    refusals: byTime(
      all.flatMap(({ refusals }) => refusals),
      ({ at }) => at,
    ),
  };
}

/** The oldest first; what happened in the same moment stays in the order of its chain. */
const byTime = <T>(items: readonly T[], at: (item: T) => string): readonly T[] =>
  [...items].sort((a, b) => Date.parse(at(a)) - Date.parse(at(b)));
