import type { Expr } from '@cedar-policy/cedar-wasm/nodejs';

/** The operator of an expression, and what stands beside it. */
export function operatorOf(expr: Expr): readonly [operator: string, given: unknown] {
  const [[operator, given] = ['', undefined]] = Object.entries<unknown>(expr);
  return [operator, given];
}

/** What has no expression inside. */
const LEAVES: ReadonlySet<string> = new Set(['Value', 'Var', 'Slot']);

/** The same expression with each part of it, one step down, replaced. */
export function mapParts(expr: Expr, replace: (part: Expr) => Expr): Expr {
  const [operator, given] = operatorOf(expr);
  if (LEAVES.has(operator)) return expr;
  if (Array.isArray(given)) return { [operator]: given.map((each) => replace(each as Expr)) };
  const parts = Object.entries(given as object).map(([name, each]: [string, unknown]) => [
    name,
    // Beside expressions stand names and, for `like`, the pattern.
    typeof each === 'object' &&
    each !== null &&
    (operator === 'Record' || name !== 'pattern') &&
    !Array.isArray(each)
      ? replace(each as Expr)
      : each,
  ]);
  return { [operator]: Object.fromEntries(parts) as unknown } as Expr;
}
