import {
  fieldIn,
  isList,
  isObject,
  type DeclarationChange,
} from '../../lambdas/contracts/inventory/compare/compare-declarations.ts';
import type { Declared, Part } from '../../lambdas/contracts/inventory/compare/declared-entries.ts';
import { sha256Hex } from '../../lambdas/core/digest.ts';
import { looksLikeAValue } from '../looks-like-a-value.ts';
import type { Paint } from './paint.ts';
import { plainText } from './plain-text.ts';

/** What a part is called, and what changes there. */
const HEADS: Readonly<Record<Part, string>> = {
  'who-is-who': 'Who is who',
  'what-a-lease-gives': 'What a lease gives',
  'what-a-credential-is': 'What a credential is',
  'what-a-check-allows': 'What policy check allows',
};

/** How many entries of the inventory are declared otherwise. */
export const entryCount = (changes: readonly DeclarationChange[]): number =>
  new Set(changes.map(({ entry }) => entry)).size;

/** What is declared otherwise, for a terminal: by parts, a line for each value that goes or comes. */
export const declarationsText = (changes: readonly DeclarationChange[], paint: Paint): string =>
  byPart(changes)
    .map(([part, blocks]) =>
      [
        paint.strong(HEADS[part]),
        ...blocks.flatMap(({ head, lines }) => [
          '',
          paint.strong(head),
          ...lines.map((line) => (line.startsWith('-') ? paint.faint(line) : paint.odd(line))),
        ]),
      ].join('\n'),
    )
    .join('\n\n');

/** The same as Markdown: what differs is quoted, in a fence that nothing in it can end. */
export const declarationsMarkdown = (changes: readonly DeclarationChange[]): string =>
  byPart(changes)
    .map(([part, blocks]) => {
      const text = blocks.map(({ head, lines }) => [`@@ ${head} @@`, ...lines].join('\n')).join('\n');
      const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
      const fence = '`'.repeat(longest + 1);
      return [`#### ${HEADS[part]}`, '', `${fence}diff`, text, fence].join('\n');
    })
    .join('\n\n');

/** What may be shown of a change to whoever reads it, a program as well: nobody pastes a key into an inventory on purpose. */
export function shownChange(change: DeclarationChange): DeclarationChange {
  const { before, after, ...rest } = change;
  return {
    ...rest,
    ...(before === undefined ? {} : { before: withoutValues(before) }),
    ...(after === undefined ? {} : { after: withoutValues(after) }),
  };
}

function withoutValues(value: Declared): Declared {
  if (typeof value === 'string') return looksLikeAValue(value) ? `a text of ${sized(value)}` : value;
  if (isList(value)) return value.map(withoutValues);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutValues(each)]));
}

/** Tells two texts apart without showing them. */
const sized = (text: string): string => `${text.length} characters, SHA-256 ${sha256Hex(text).slice(0, 12)}…`;

interface Block {
  readonly head: string;
  readonly lines: readonly string[];
}

/** The changes of one entry in the same environments, which stand together, under one head. */
function byPart(changes: readonly DeclarationChange[]): readonly (readonly [Part, readonly Block[]])[] {
  const parts = new Map<Part, Map<string, string[]>>();
  for (const change of changes) {
    const blocks = parts.get(change.part) ?? new Map<string, string[]>();
    parts.set(change.part, blocks);
    const head = headOf(change);
    blocks.set(head, [...(blocks.get(head) ?? []), ...linesOf(change)]);
  }
  return [...parts].map(([part, blocks]) => [part, [...blocks].map(([head, lines]) => ({ head, lines }))]);
}

function headOf({ entry, environments, field, before }: DeclarationChange): string {
  const whole = field === '' ? (before === undefined ? ', new' : ', gone') : '';
  return plainText(`${entry} (${environments.join(', ')})${whole}`);
}

/** Longer lists are cut: a program finds all of it in the JSON. */
const LONGEST_LIST = 40;

function linesOf({ field, before, after }: DeclarationChange): readonly string[] {
  // Of what is gone nobody has to know what it was; of what is new, all of it is news.
  if (field === '') return after === undefined ? [] : signed('+', valuesIn('', after));
  if (isPlainList(before) && isPlainList(after)) {
    const lines = [
      ...signed('-', valuesOf(field, notIn(before, after))),
      ...signed('+', valuesOf(field, notIn(after, before))),
    ];
    if (lines.length > 0) return lines;
    const inOrder = (list: readonly Declared[]): string =>
      `${plainText(field)}: in the order ${list.map(shown).join(', ')}`;
    return [...signed('-', [inOrder(before)]), ...signed('+', [inOrder(after)])];
  }
  // An item of a list is there or not; a field that is not declared may mean anything, so it is said.
  const none = field.endsWith(']') ? [] : [`${plainText(field)}: not declared`];
  return [
    ...signed('-', before === undefined ? none : valuesIn(field, before)),
    ...signed('+', after === undefined ? none : valuesIn(field, after)),
  ];
}

const signed = (sign: string, lines: readonly string[]): readonly string[] =>
  lines.map((line) => `${sign} ${line}`);

/** A value field by field, and a list of texts item by item. */
function valuesIn(field: string, value: Declared): readonly string[] {
  if (isPlainList(value)) return value.length === 0 ? [`${plainText(field)}: none`] : valuesOf(field, value);
  if (isList(value)) return value.flatMap((item, position) => valuesIn(`${field}[${position}]`, item));
  if (!isObject(value)) return valuesOf(field, [value]);
  const fields = Object.entries(value);
  if (fields.length === 0) return [`${plainText(field)}: none`];
  return fields.flatMap(([key, each]) => valuesIn(fieldIn(field, key), each));
}

const valuesOf = (field: string, values: readonly Declared[]): readonly string[] => [
  ...values.slice(0, LONGEST_LIST).map((value) => `${plainText(field)}: ${shown(value)}`),
  ...(values.length > LONGEST_LIST ? [`${plainText(field)}: and ${values.length - LONGEST_LIST} more`] : []),
];

const isPlainList = (value: Declared | undefined): value is readonly Declared[] =>
  isList(value) && !value.some((item) => typeof item === 'object' && item !== null);

/** The items that the other list does not have, or has not as often. */
function notIn(list: readonly Declared[], other: readonly Declared[]): readonly Declared[] {
  const left = [...other];
  return list.filter((item) => {
    const at = left.indexOf(item);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** Long enough for the name of any role; of what is longer, the beginning and the end, and what tells it from others. */
const LONGEST_VALUE = 200;

function shown(value: Declared): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const cut =
    text.length > LONGEST_VALUE ? `${text.slice(0, 100)} … ${text.slice(-40)} (${sized(text)})` : text;
  return cut === '' ? '""' : plainText(cut);
}
