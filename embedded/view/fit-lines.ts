/**
 * Breaks a line at its spaces so that it fits a width; what follows is indented by as much as the line itself, and
 * two more. A word that is longer than the width is cut. Without a width, the line is as it is.
 */
export function fitLine(line: string, width: number | undefined): readonly string[] {
  if (width === undefined || line.length <= width) return [line];
  const indent = /^[ ]*/.exec(line)?.[0] ?? '';
  const further = `${indent}  `;
  const fitted: string[] = [];
  let current = '';
  for (const word of line.trimStart().split(' ')) {
    const start = fitted.length === 0 ? indent : further;
    const longer = current === '' ? start + word : `${current} ${word}`;
    if (longer.length <= width || current === '') {
      current = longer;
      continue;
    }
    fitted.push(current.trimEnd());
    current = further + word;
  }
  return [...fitted, current].flatMap((each) => cut(each, width));
}

function cut(line: string, width: number): readonly string[] {
  return line.length <= width ? [line] : [line.slice(0, width), ...cut(line.slice(width), width)];
}

/** Columns as wide as their widest cell, two spaces apart. */
export function columns(rows: readonly (readonly string[])[]): readonly string[] {
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
