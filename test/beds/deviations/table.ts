import { readFileSync } from 'node:fs';

/** One row of deviations.md: what a bed does otherwise than AWS. */
export interface Deviation {
  readonly id: string;
  /** The bed and its version. */
  readonly bed: string;
  readonly does: string;
  /** What AWS does, with the page that says so. */
  readonly aws: string;
  /** What stands in for it in our tests, or how they get by without. */
  readonly standsIn: string;
  /** The test that fails when the bed mends itself: a path from `test/beds`. */
  readonly shownBy: string;
}

const TABLE = new URL('../deviations.md', import.meta.url);

/** Every row, in the order of the page. */
export function deviations(): readonly Deviation[] {
  const rows = readFileSync(TABLE, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  return rows.map(([id = '', bed = '', does = '', aws = '', standsIn = '', shown = '']) => ({
    id: id.replaceAll('`', ''),
    bed,
    does,
    aws,
    standsIn,
    shownBy: /\]\(([^)]+)\)/.exec(shown)?.[1] ?? '',
  }));
}

/** The row of that id. Throws where there is none: nothing is expected of a bed that is not written down. */
export function deviation(id: string): Deviation {
  const found = deviations().find((each) => each.id === id);
  if (found) return found;
  throw new TypeError(
    `test/beds/deviations.md has no row ${id}; write down what the bed does and what AWS does`,
  );
}
