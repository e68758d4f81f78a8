import type { DecisionChange, Verdict } from '../../lambdas/cedar/review/compare-decisions.ts';
import { conditionText } from './condition-text.ts';
import type { Paint } from './paint.ts';
import { plainText } from './plain-text.ts';
import { tableText } from './table.ts';

/** What changes between two versions. */
export interface Diff {
  /** The commit before. */
  readonly from: string;
  /** The commit after; absent: the files as they are. */
  readonly to?: string;
  readonly changes: readonly DecisionChange[];
}

const HEAD = ['WHERE', 'WHO', 'MAY', 'WHAT', 'FOR', 'BEFORE', 'AFTER'] as const;

/** Every decision that changes, as a table. */
export function diffText(diff: Diff, paint: Paint): string {
  const { changes } = diff;
  if (changes.length === 0) return `${between(diff)}: no decision changes.`;
  const head = HEAD.map((text) => ({ text, paint: paint.faint }));
  const rows = changes.map((change) => {
    const [where, who = '', ...rest] = cellsOf(change);
    const after = rest.pop() ?? '';
    const colour =
      change.after.outcome === 'never'
        ? paint.good
        : change.before.outcome === 'never'
          ? paint.bad
          : paint.odd;
    return [where ?? '', { text: who, paint: paint.strong }, ...rest, { text: after, paint: colour }];
  });
  return [`${between(diff)}: ${countWords(changes)}`, '', tableText([head, ...rows])].join('\n');
}

/** The same as Markdown. */
export function diffMarkdown(diff: Diff): string {
  const { changes } = diff;
  const title = `### Whose rights change`;
  if (changes.length === 0) return `${title}\n\n${between(diff)}: no decision changes.`;
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    title,
    '',
    `${between(diff)}: ${countWords(changes)}`,
    '',
    line(HEAD.map((word) => word.toLowerCase())),
    line(HEAD.map(() => '---')),
    ...changes.map((change) => line(cellsOf(change).map(markdownCell))),
  ].join('\n');
}

/** A cell that can end neither itself, nor its row, nor be anything but text. */
const markdownCell = (text: string): string => {
  const plain = plainText(text).replaceAll('`', 'ˋ').replaceAll('|', '\\|');
  return plain === '' || /^[\w:, –-]*$/.test(plain) ? plain : `\`${plain}\``;
};

const between = ({ from, to }: Diff): string =>
  `${from.slice(0, 12)} → ${to === undefined ? 'the files as they are' : to.slice(0, 12)}`;

function countWords(changes: readonly DecisionChange[]): string {
  const gains = changes.filter(({ before }) => before.outcome === 'never').length;
  const losses = changes.filter(({ after }) => after.outcome === 'never').length;
  const others = changes.length - gains - losses;
  return [
    ...(gains > 0 ? [`${gains} given`] : []),
    ...(losses > 0 ? [`${losses} taken away`] : []),
    ...(others > 0 ? [`${others} under another condition`] : []),
  ].join(', ');
}

const cellsOf = ({
  environments,
  asker,
  actions,
  resource,
  purpose = '–',
  breakGlass,
  before,
  after,
}: DecisionChange): readonly string[] => [
  environments.join(', '),
  asker,
  actions.join(', '),
  resource.id,
  breakGlass ? `${purpose}, breaking the glass` : purpose,
  verdictText(before),
  verdictText(after),
];

const verdictText = ({ outcome, needs }: Verdict): string =>
  outcome === 'depends' ? conditionText(needs) : outcome;
