import type { Rotation } from '../../lambdas/core/rotation/rotation.ts';
import { secondsBetween } from '../../lambdas/core/time.ts';
import type { AuditReport } from '../../lambdas/report/verify-audit.ts';
import type { StrangerReport } from '../runtime/send-stranger.ts';
import type { Account } from './take-account.ts';

/** Everything that a round has shown. */
export interface RoundFacts {
  readonly rotations: ReadonlyMap<string, Rotation>;
  readonly account: Account;
  readonly audit: AuditReport;
  readonly stranger: StrangerReport | undefined;
}

/** One claim about a round, and whether it holds. */
export interface Claim {
  readonly holds: boolean;
  readonly says: string;
}

/** What has to hold for a round to have gone well. `--once` exits 0 only if all of it does. */
export function claimsOf({ rotations, account, audit, stranger }: RoundFacts): readonly Claim[] {
  const all = [...rotations.values()];
  const { database, provider, statements, probes, strangers } = account;
  const failed = database.failed + provider.failed + statements.failed;
  const isMatched = (match: Account['database']): boolean =>
    match.onlyOurs.length === 0 && match.onlyTheirs.length === 0;
  return [
    {
      holds: all.length > 0 && all.every(({ phase }) => phase === 'retired'),
      says: 'every credential went all the way round',
    },
    {
      holds: all.every(({ provenRefusedAt }) => provenRefusedAt !== undefined),
      says: 'every retired value is refused by its target now',
    },
    {
      holds: failed === 0 && database.served > 0 && provider.served > 0,
      says: `dependents counted ${failed} failed attempts`,
    },
    {
      holds: isMatched(database),
      says: `PostgreSQL's own log agrees: ${database.served} logins served, ${database.failed} refused (${probes.refused} refused probes were Lockstep's own)`,
    },
    {
      holds: isMatched(provider),
      says: `the double of OpenAI agrees: ${provider.served} calls served, ${provider.failed} refused`,
    },
    { holds: strangers === 0, says: `${strangers} connections by anybody else` },
    {
      holds: audit.ok,
      says: `the audit verifies: ${audit.records} records in ${audit.chains} chains under ${audit.heads} signed heads`,
    },
    {
      holds: stranger !== undefined && stranger.answered === '403' && stranger.page !== undefined,
      says: stranger
        ? `${stranger.workload} asked for ${stranger.credential}, was refused (${stranger.answered}), and on-call was paged`
        : 'nobody was there to be refused',
    },
  ];
}

/** The summary as text, the same on a terminal and in a file. */
export function summaryText(facts: RoundFacts, isPlain: boolean): string {
  const mark = ({ holds }: Claim): string => (holds ? (isPlain ? 'ok  ' : '✔') : isPlain ? 'FAIL' : '✘');
  const rows = [...facts.rotations].map(([name, rotation]) => row(name, rotation));
  const { page } = facts.stranger ?? {};
  return [
    'The first round, in seconds after each request',
    '',
    ...table([
      ['credential', 'strategy', 'promoted', 'adopted', 'retired', 'old value', 'adopted by'],
      ...rows,
    ]),
    '',
    ...claimsOf(facts).map((claim) => `${mark(claim)} ${claim.says}`),
    ...(page ? ['', 'The page that on-call got:', ...pageLines(page)] : []),
  ].join('\n');
}

function row(name: string, rotation: Rotation): readonly string[] {
  const { strategy, requestedAt, promotedAt, adoptedAt, endedAt, phase, provenRefusedAt, adoption } =
    rotation;
  const after = (at: string | undefined): string =>
    at === undefined ? '–' : secondsBetween(requestedAt, at).toFixed(1);
  const by = Object.entries(adoption).map(([dependent, { by: how }]) => `${dependent} (${how})`);
  return [
    name,
    strategy,
    after(promotedAt),
    after(adoptedAt),
    phase === 'retired' ? after(endedAt) : phase,
    provenRefusedAt ? 'refused' : 'NOT PROVEN',
    by.join(', ') || 'nobody depends on it',
  ];
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((cells) => (cells[column] ?? '').length)),
  );
  return rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

const pageLines = (page: NonNullable<StrangerReport['page']>): readonly string[] => [
  `  [${page.severity}] ${page.title}`,
  ...page.reasons.map((reason) => `  - ${reason}`),
  `  first command: ${page.firstCommand}`,
];
