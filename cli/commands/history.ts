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
/** The chain of what the broker refused: `REFUSALS_CHAIN` of `grant-lease`. */
const REFUSALS = '*access';
/** So many of its records are looked through for those about one thing. */
const LOOK_AT = 500;
/** Questions at once: an inventory may be long, and every one of them is a call. */
const AT_ONCE = 6;

/** `lockstep history`. */
export const defineHistory: DefineCommand = (parent, act) => {
  parent
    .command('history')
    .summary('what happened, as the audit has it')
    .description(
      'Shows the last records of the audit, the newest at the end: of one credential, of one thing that can be leased, or of ' +
        'all. "operations" is the chain of what is about no credential, "*access" that of what the broker refused.',
    )
    .argument('[credential]', 'one credential, or what can be leased')
    .option('--last <count>', `how many (default: ${SHOWN})`, wholeNumber)
    .option('--findings', 'what the watch found instead, with its reasons')
    .option(
      '--refusals',
      'requests for rotations and for leases that were refused instead, with their reasons',
    )
    .addHelpText(
      'after',
      examples(
        ['lockstep history vector-store', 'what happened to it'],
        ['lockstep history --last 5', 'the last that happened to anything'],
        ['lockstep history --findings', 'who read what out of character'],
        ['lockstep history vector-store --refusals', 'why it did not rotate'],
        ['lockstep history vector-reader --refusals', 'who was refused a lease, and by which policies'],
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
  const ofLeases = wantsRefusals ? await refusalsOfLeases(connection, credential, last) : [];
  const refusals = byTime([...happened.refusals, ...ofLeases], ({ at }) => at).slice(-last);
  const result = { ...(credential === undefined ? {} : { credential }), records, refusals };
  const now = invocation.surroundings.clock().toISOString();
  return invocation.answer(result, () =>
    wantsRefusals ? refusalsText(refusals, now, invocation.paint) : recordsText(records, invocation.paint),
  );
}

interface Happened {
  readonly records: readonly AuditRecord[];
  readonly refusals: readonly NamedRefusal[];
  /** Names of all chains. */
  readonly chains: readonly string[];
}

/** What the broker refused: to whom, by which rule. It is in the audit alone. */
async function refusalsOfLeases(
  connection: Connection,
  about: string | undefined,
  limit: number,
): Promise<readonly NamedRefusal[]> {
  const asked = { credential: REFUSALS, limit: about === undefined ? limit : LOOK_AT };
  const { records } = await connection.query('history', asked);
  return records
    .map(({ entry }) => entry)
    .filter(({ what }) => about === undefined || what.credential === about)
    .map(({ at, who, what, why, action, result }) => ({
      at,
      credential: what.credential,
      cause: 'lease',
      by: `${who.kind}:${who.name}${what.actingFor === undefined ? '' : ` for ${what.actingFor}`}`,
      code: result?.code ?? 'refused',
      message: `${action}: ${why.reason ?? ''}${policiesText(why.policies)}`,
    }));
}

const policiesText = (policies: readonly string[] = []): string =>
  policies.length === 0 ? '' : ` (policies ${policies.join(', ')})`;

async function historyOf(connection: Connection, credential: string, limit: number): Promise<Happened> {
  const { records, refusals, chains = [] } = await connection.query('history', { credential, limit });
  const named = refusals.map((refusal) => ({ ...refusal, credential }));
  return { records, refusals: byTime(named, ({ at }) => at), chains };
}

/** A name without any history is asked for: a mistyped one must not look like a quiet credential. */
async function historyOfOne(connection: Connection, credential: string, limit: number): Promise<Happened> {
  const happened = await historyOf(connection, credential, limit);
  const isThere = [...OTHER_CHAINS, REFUSALS].includes(credential);
  if (happened.records.length > 0 || happened.refusals.length > 0 || isThere) return happened;
  const names = [...(await credentialNames(connection)), ...happened.chains];
  if (!names.includes(credential)) throw unknownCredential(credential, names);
  return happened;
}

async function historyOfAll(connection: Connection, limit: number): Promise<Happened> {
  const operations = await historyOf(connection, 'operations', limit);
  const named = [...(await credentialNames(connection)), NO_CREDENTIAL, ...operations.chains];
  const waiting = [...new Set(named)].filter((chain) => chain !== 'operations' && chain !== REFUSALS);
  const all: Happened[] = [operations];
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
    chains: operations.chains,
  };
}

/** The oldest first; what happened in the same moment stays in the order of its chain. */
const byTime = <T>(items: readonly T[], at: (item: T) => string): readonly T[] =>
  [...items].sort((a, b) => Date.parse(at(a)) - Date.parse(at(b)));
