import { stripVTControlCharacters } from 'node:util';
import { plainText } from './plain-text.ts';

/** A cell: its text, and how it is coloured. The width is the text's own. */
export interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

const widthOf = (text: string): number => Array.from(stripVTControlCharacters(text)).length;

/** Rows in aligned columns, two spaces between them. The last column is not padded. */
export function tableText(rows: readonly (readonly (string | Cell)[])[]): string {
  const cells = rows.map((row) => row.map(toCell));
  const columns = Math.max(0, ...cells.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(0, ...cells.map((row) => widthOf(row[column]?.text ?? ''))),
  );
  return cells.map((row) => lineOf(row, widths)).join('\n');
}

function lineOf(row: readonly Cell[], widths: readonly number[]): string {
  const padded = row.map(({ text, paint }, column) => {
    const space = ' '.repeat(column === row.length - 1 ? 0 : (widths[column] ?? 0) - widthOf(text));
    return (paint ? paint(text) : text) + space;
  });
  return padded.join('  ').trimEnd();
}

function toCell(cell: string | Cell): Cell {
  if (typeof cell === 'string') return { text: plainText(cell) };
  return { ...cell, text: plainText(cell.text) };
}
