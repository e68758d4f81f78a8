import type { Page } from '../../lambdas/core/ports/pager.ts';
import type { Rotation } from '../../lambdas/core/rotation/rotation.ts';
import { secondsBetween } from '../../lambdas/core/time.ts';
import { claimsOf, type Claim } from './claims.ts';
import type { Account } from './compare-books.ts';
import { columns } from './fit-lines.ts';
import type { RoundFacts } from './round-facts.ts';

/** The summary as text, the same on a terminal and in a file; plain with words in place of marks. */
export function summaryText(facts: RoundFacts, isPlain: boolean): string {
  const { page } = facts.stranger ?? {};
  const rotations = [...facts.rotations];
  return [
    'The first round: when it was requested (UTC), and how many seconds later it was what',
    '',
    ...columns([
      ['credential', 'strategy', 'requested', 'promoted', 'adopted', 'retired'],
      ...rotations.map(([name, rotation]) => timesOf(name, rotation)),
    ]),
    '',
    'Attempts as dependents counted them, and as the other side wrote them down',
    '',
    ...columns([
      ['credential', 'served', 'failed', 'the other side', 'old value'],
      ...rotations.map(([name, rotation]) => usesOf(name, rotation, facts.account)),
    ]),
    '',
    ...columns([
      ['credential', 'adopted by'],
      ...rotations.map(([name, rotation]) => [name, adoptersOf(rotation)]),
    ]),
    ...leasedLines(facts.account),
    '',
    ...claimsOf(facts).flatMap((claim) => claimLines(claim, isPlain)),
    ...(page ? ['', 'The page that on-call got:', ...pageLines(page)] : []),
  ].join('\n');
}

function timesOf(name: string, rotation: Rotation): readonly string[] {
  const { strategy, requestedAt, promotedAt, adoptedAt, endedAt, phase } = rotation;
  const after = (at: string | undefined): string =>
    at === undefined ? '–' : secondsBetween(requestedAt, at).toFixed(1);
  return [
    name,
    strategy,
    requestedAt.slice(11, 19),
    after(promotedAt),
    after(adoptedAt),
    phase === 'retired' ? after(endedAt) : phase,
  ];
}

/** What a use of each strategy's credentials is called where it was served. */
const USES: Readonly<Record<string, string>> = {
  'two-slot': 'logins',
  'mint-and-retire': 'calls',
  'dual-value': 'notices',
};

function usesOf(name: string, rotation: Rotation, { uses }: Account): readonly string[] {
  const used = uses.get(name);
  const old = rotation.provenRefusedAt ? 'refused' : 'NOT PROVEN';
  if (!used) return [name, '–', '–', '–', old];
  const { served, failed, target } = used;
  const other = `${target.served} ${USES[rotation.strategy] ?? 'uses'}, ${target.refused} refused`;
  return [name, String(served), String(failed), other, old];
}

/** What programs here had for minutes, with no standing key of it. */
function leasedLines({ leased }: Account): readonly string[] {
  if (leased.size === 0) return [];
  return [
    '',
    'Uses by leases, in the same books: each lease has a key of its own',
    '',
    ...columns([
      ['leased', 'keys', 'served', 'failed', 'the other side'],
      ...[...leased].map(([name, { keys, served, failed, target }]) => [
        name,
        String(keys),
        String(served),
        String(failed),
        `${target.served} served, ${target.refused} refused`,
      ]),
    ]),
  ];
}

const adoptersOf = ({ adoption }: Rotation): string =>
  Object.entries(adoption)
    .map(([dependent, { by }]) => `${dependent} (${by})`)
    .join(', ') || 'nobody depends on it';

function claimLines({ holds, says, because }: Claim, isPlain: boolean): readonly string[] {
  const mark = holds ? (isPlain ? 'ok  ' : '✔') : isPlain ? 'FAIL' : '✘';
  return [`${mark} ${says}`, ...because.map((reason) => `     ${reason}`)];
}

const pageLines = (page: Page): readonly string[] => [
  `  [${page.severity}] ${page.title}`,
  ...page.reasons.map((reason) => `  - ${reason}`),
  `  first command: ${page.firstCommand}`,
];
