import type { Expr } from '@cedar-policy/cedar-wasm/nodejs';
import { anyOf, negation, plain } from './conditions.ts';
import { constraintsOf, type Constraint } from './constraint.ts';
import { isFalse, isTrue } from './fold-residual.ts';
import { operatorOf } from './map-expression.ts';

/*
 * Whether conditions can hold together, as far as comparisons with constants tell: of times, numbers of approvals,
 * purposes, and what is either so or not. It is no solver. What it does not understand may hold and may fail, so
 * "impossible" is always true, and "possible" may be too much.
 */

/** Cases that are looked at; what has more of them counts as possible. */
const MOST_CASES = 4096;

/** What holds of every request, whatever the policies are. */
const ALWAYS: readonly Constraint[] = [
  { of: 'ttl', from: 1, to: Infinity },
  { of: 'approvalCount', from: 0, to: Infinity },
];

/** Whether some circumstances meet all of these conditions. */
export const isPossible = (conditions: readonly Expr[]): boolean =>
  hasCase(conditions.map(plain), ALWAYS, { left: MOST_CASES });

function hasCase(
  conditions: readonly Expr[],
  known: readonly Constraint[],
  cases: { left: number },
): boolean {
  cases.left -= 1;
  if (cases.left < 0) return true;
  // What has no alternatives comes first: each of those is a case of all that is left.
  const sure = conditions.findIndex((each) => !('||' in each));
  const [first] = conditions.slice(Math.max(0, sure));
  if (first === undefined) return true;
  const rest = conditions.filter((each) => each !== first);
  if (isTrue(first)) return hasCase(rest, known, cases);
  if (isFalse(first)) return false;
  const [operator, given] = operatorOf(first);
  const { left, right } = given as { readonly left: Expr; readonly right: Expr };
  if (operator === '&&') return hasCase([left, right, ...rest], known, cases);
  if (operator === '||') return [left, right].some((each) => hasCase([...rest, each], known, cases));
  return constraintsOf(first).some((each) => {
    const all = [...known, each];
    return agree(all.filter(({ of }) => of === each.of)) && hasCase(rest, all, cases);
  });
}

/** Whether constraints on one circumstance leave it something to be. */
function agree(constraints: readonly Constraint[]): boolean {
  const ranges = constraints.filter((each) => 'from' in each);
  const from = Math.max(-Infinity, ...ranges.map((each) => each.from));
  const to = Math.min(Infinity, ...ranges.map((each) => each.to));
  const words = constraints.filter((each) => 'words' in each);
  const [least] = words.filter(({ isAmong }) => isAmong);
  const truths = constraints.filter((each) => 'holds' in each);
  return (
    from <= to &&
    (least === undefined ||
      least.words.some((word) => words.every((each) => each.words.includes(word) === each.isAmong))) &&
    truths.every(({ holds }) => holds === truths[0]?.holds)
  );
}

/**
 * The same conditions, all of which have to hold, in fewer words: without those that follow from the others, and without
 * alternatives that the others rule out. `undefined` where nothing meets them all.
 */
export function simplest(conditions: readonly Expr[]): readonly Expr[] | undefined {
  const all = conditions.flatMap((each) => conjuncts(plain(each)));
  if (!isPossible(all)) return undefined;
  const pruned = all.flatMap((each, at) => {
    const others = all.filter((_, other) => other !== at);
    return conjuncts(anyOf(alternatives(each).filter((one) => isPossible([one, ...others]))));
  });
  const distinct = [...new Map(pruned.map((each) => [JSON.stringify(each), each])).values()];
  // The last ones first: of two that mean the same, the one that was said first stays.
  return distinct.reduceRight<readonly Expr[]>((kept, each) => {
    const others = kept.filter((other) => other !== each);
    return isPossible([...others, negation(each)]) ? kept : others;
  }, distinct);
}

function conjuncts(expr: Expr): readonly Expr[] {
  if (isTrue(expr)) return [];
  if (!('&&' in expr)) return [expr];
  const { left, right } = expr['&&'] as { readonly left: Expr; readonly right: Expr };
  return [...conjuncts(left), ...conjuncts(right)];
}

function alternatives(expr: Expr): readonly Expr[] {
  if (!('||' in expr)) return [expr];
  const { left, right } = expr['||'] as { readonly left: Expr; readonly right: Expr };
  return [...alternatives(left), ...alternatives(right)];
}
