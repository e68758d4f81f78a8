import { stripVTControlCharacters } from 'node:util';
import { plainText } from './plain-text.ts';

/** A cell: its text, and how it is coloured. The width is the text's own. */
export interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

const widthOf = (text: string): number => Array.from(stripVTControlCharacters(text)).length;

const GAP = '  ';

/**
 * Rows in aligned columns, two spaces between them. The last column is not padded.
 *
 * @param width how wide a line may be, where somebody reads it at a terminal. What is wider keeps its first columns, and has
 *   each of the others on a line of its own below, named by the head, which is the first row then
 */
export function tableText(rows: readonly (readonly (string | Cell)[])[], width = Infinity): string {
  const cells = rows.map((row) => row.map(toCell));
  const columns = Math.max(0, ...cells.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(0, ...cells.map((row) => widthOf(row[column]?.text ?? ''))),
  );
  const kept = fitting(widths, width);
  if (kept === columns) return cells.map((row) => lineOf(row, widths)).join('\n');
  const [head = [], ...others] = cells;
  return [
    lineOf(head.slice(0, kept), widths),
    ...others.flatMap((row) => [
      lineOf(row.slice(0, kept), widths),
      ...below(head.slice(kept), row.slice(kept), width),
    ]),
  ].join('\n');
}

/** How many columns fit beside each other: at least the first, which names the row. */
function fitting(widths: readonly number[], width: number): number {
  const ends = widths.map((_, at) =>
    widths.slice(0, at + 1).reduce((sum, each) => sum + each + GAP.length, 0),
  );
  return Math.max(1, ends.filter((end) => end - GAP.length <= width).length);
}

/** The rest of a row, each cell behind its head and folded between words. */
function below(head: readonly Cell[], row: readonly Cell[], width: number): readonly string[] {
  const indent = Math.max(...head.map(({ text }) => widthOf(text)));
  return row.flatMap(({ text, paint }, at) => {
    if (text === '') return [];
    const named = head[at] ?? { text: '' };
    const [first = '', ...others] = folded(text, width - indent - 2 * GAP.length);
    const label = `${GAP}${named.paint ? named.paint(named.text) : named.text}${' '.repeat(indent - widthOf(named.text))}${GAP}`;
    const painted = (line: string): string => (paint ? paint(line) : line);
    return [
      label + painted(first),
      ...others.map((line) => ' '.repeat(indent + 2 * GAP.length) + painted(line)),
    ];
  });
}

/** A text in lines of some width, broken between words; a longer word stays whole, for whoever copies it. */
function folded(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`;
    if (lines.length > 0 && widthOf(longer) <= width) lines.splice(-1, 1, longer);
    else lines.push(word);
  }
  return lines;
}

function lineOf(row: readonly Cell[], widths: readonly number[]): string {
  const padded = row.map(({ text, paint }, column) => {
    const space = ' '.repeat(column === row.length - 1 ? 0 : (widths[column] ?? 0) - widthOf(text));
    return (paint ? paint(text) : text) + space;
  });
  return padded.join(GAP).trimEnd();
}

function toCell(cell: string | Cell): Cell {
  if (typeof cell === 'string') return { text: plainText(cell) };
  return { ...cell, text: plainText(cell.text) };
}
