/** `a + b · dependents`, with how far the counts are from it at most. */
export interface Line {
  readonly a: number;
  readonly b: number;
  readonly off: number;
}

/** The line of least squares through counts by number of dependents. */
export function lineThrough(points: readonly (readonly [dependents: number, count: number])[]): Line {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map(([at]) => at)), mean(points.map(([, count]) => count))];
  const spread = points.reduce((sum, [at]) => sum + (at - x) ** 2, 0);
  const b = points.reduce((sum, [at, count]) => sum + (at - x) * (count - y), 0) / spread;
  const a = y - b * x;
  return { a, b, off: Math.max(...points.map(([at, count]) => Math.abs(count - (a + b * at)))) };
}

/** `12 + 3.5 n`, without what is nothing. */
export function lineText({ a, b, off }: Line): string {
  const number = (value: number): string => String(Math.round(value * 10) / 10);
  const text = Math.abs(b) < 0.05 ? number(a) : `${number(a)} + ${number(b)} n`;
  return off > 0.55 ? `${text} (± ${number(off)})` : text;
}
