import type { DecisionChange, Verdict } from '../../lambdas/cedar/review/compare-decisions.ts';
import type { DeclarationChange } from '../../lambdas/contracts/inventory/compare/compare-declarations.ts';
import { conditionText } from './condition-text.ts';
import { declarationsMarkdown, declarationsText, entryCount } from './declarations-text.ts';
import type { Paint } from './paint.ts';
import { plainText } from './plain-text.ts';

/** What changes between two versions. */
export interface Diff {
  /** The commit before. */
  readonly from: string;
  /** The commit after; absent: the files as they are. */
  readonly to?: string;
  /** What policy decides otherwise. */
  readonly changes: readonly DecisionChange[];
  /** What the inventory declares otherwise: who somebody is, what something gives. */
  readonly declarations: readonly DeclarationChange[];
}

const HEAD = ['WHERE', 'WHO', 'MAY', 'WHAT', 'FOR', 'BEFORE', 'AFTER'] as const;

/** Every decision that changes, and then what the names in it stand for. */
export const diffText = (diff: Diff, paint: Paint): string =>
  [
    `${between(diff)}: ${summary(diff)}`,
    ...(diff.changes.length === 0 ? [] : [decisionsText(diff.changes, paint)]),
    ...(diff.declarations.length === 0 ? [] : [declarationsText(diff.declarations, paint)]),
  ].join('\n\n');

/** By who and where; what changes in the same way has its condition once, and none is wider than it has to be. */
function decisionsText(changes: readonly DecisionChange[], paint: Paint): string {
  const blocks = new Map<string, Map<string, { readonly change: DecisionChange; readonly what: string[] }>>();
  for (const change of changes) {
    const [where = '', who = '', may = '', what = '', purpose = ''] = cellsOf(change).map(plainText);
    const head = `${who} (${where})`;
    const turns = blocks.get(head) ?? new Map<string, { change: DecisionChange; what: string[] }>();
    blocks.set(head, turns);
    const turn = JSON.stringify([change.before, change.after]);
    const known = turns.get(turn) ?? { change, what: [] };
    turns.set(turn, known);
    known.what.push(`  ${may} ${what}${purpose === '–' ? '' : ` for ${purpose}`}`);
  }
  return [
    paint.strong('What policy decides'),
    ...[...blocks].flatMap(([head, turns]) => [
      '',
      paint.strong(head),
      ...[...turns.values()].flatMap(({ change, what }) => [...what, ...turnLines(change, paint)]),
    ]),
  ].join('\n');
}

function turnLines({ before, after }: DecisionChange, paint: Paint): readonly string[] {
  const colour = after.outcome === 'never' ? paint.good : before.outcome === 'never' ? paint.bad : paint.odd;
  return [
    ...conditionLines('-', verdictText(before)).map(paint.faint),
    ...conditionLines('+', verdictText(after)).map(colour),
  ];
}

/** A condition that is too wide for a terminal stands on several lines, broken where its parts meet. */
function conditionLines(sign: string, condition: string): readonly string[] {
  const lines: string[] = [];
  for (const part of plainText(condition).split(/(?<= (?:&&|\|\|)) /)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + part.length < 76) lines[lines.length - 1] = `${last} ${part}`;
    else lines.push(part);
  }
  return lines.map((line, position) => `${position === 0 ? `${sign} ` : '    '}${line}`);
}

/** The same as Markdown. */
export const diffMarkdown = (diff: Diff): string =>
  [
    '### Whose rights change',
    `${between(diff)}: ${summary(diff)}`,
    ...(diff.changes.length === 0 ? [] : [decisionsMarkdown(diff.changes)]),
    ...(diff.declarations.length === 0 ? [] : [declarationsMarkdown(diff.declarations)]),
  ].join('\n\n');

function decisionsMarkdown(changes: readonly DecisionChange[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    '#### What policy decides',
    '',
    line(HEAD.map((word) => word.toLowerCase())),
    line(HEAD.map(() => '---')),
    ...changes.map((change) => line(cellsOf(change).map(markdownCell))),
  ].join('\n');
}

/** A cell that can end neither itself, nor its row, nor be anything but text. */
const markdownCell = (text: string): string => {
  // A backslash before a pipe would take the pipe's own away.
  const plain = plainText(text)
    .replaceAll('`', 'ˋ')
    .replaceAll(/\\(?=\\*\|)/g, '∖')
    .replaceAll('|', '\\|');
  return plain === '' || /^[\w:, –-]*$/.test(plain) ? plain : `\`${plain}\``;
};

const between = ({ from, to }: Diff): string =>
  `${from.slice(0, 12)} → ${to === undefined ? 'the files as they are' : to.slice(0, 12)}`;

/** Both kinds of change in one sentence: that one of them is none must not read as if nothing changed. */
function summary({ changes, declarations }: Diff): string {
  const entries = entryCount(declarations);
  const declared = `${entries} ${entries === 1 ? 'name' : 'names'} of the inventory`;
  if (changes.length === 0 && entries === 0)
    return 'no right changes: neither what policy decides, nor what its names stand for.';
  if (changes.length === 0)
    return `policy decides the same of every name, and ${declared} ${entries === 1 ? 'stands' : 'stand'} for something else.`;
  if (entries === 0) return `${countWords(changes)}; every name stands for the same as before.`;
  return `${countWords(changes)}; ${declared} ${entries === 1 ? 'stands' : 'stand'} for something else.`;
}

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
