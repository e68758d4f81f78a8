import type { Clause, Expr } from '@cedar-policy/cedar-wasm/nodejs';
import { policyToText } from '../cedar-wasm.ts';
import { fold, isTrue, named } from './fold-residual.ts';
import { operatorOf } from './map-expression.ts';

const TRUE: Expr = { Value: true };

/** All clauses of a policy as one condition, folded. */
export const conditionOf = (clauses: readonly Clause[]): Expr =>
  fold(
    clauses.reduce<Expr>(
      (left, { kind, body }) => ({ '&&': { left, right: kind === 'when' ? body : { '!': { arg: body } } } }),
      TRUE,
    ),
  );

/** A condition with its negations as far inside as they go: Cedar itself writes `a > b` as `!(a <= b)`. */
export const plain = (expr: Expr): Expr => pushed(expr, false);

/** The condition that holds where this one does not, made plain. */
export const negation = (expr: Expr): Expr => pushed(expr, true);

interface Two {
  readonly left: Expr;
  readonly right: Expr;
}

function pushed(expr: Expr, isNegated: boolean): Expr {
  if ('Value' in expr && typeof expr.Value === 'boolean') return { Value: expr.Value !== isNegated };
  const [operator, given] = operatorOf(expr);
  if (operator === '!') return pushed((given as { readonly arg: Expr }).arg, !isNegated);
  if (operator === '&&' || operator === '||') {
    const { left, right } = given as Two;
    const both = { left: pushed(left, isNegated), right: pushed(right, isNegated) };
    return (operator === '&&') === isNegated ? { '||': both } : { '&&': both };
  }
  if (!isNegated) return expr;
  const opposite = OPPOSITE[operator];
  return opposite === undefined ? { '!': { arg: expr } } : ({ [opposite]: given } as Expr);
}

const OPPOSITE: Readonly<Record<string, string>> = {
  '<': '>=',
  '>=': '<',
  '>': '<=',
  '<=': '>',
  '==': '!=',
  '!=': '==',
};

/** Conditions of which one is enough; the same one is said once. */
export function anyOf(conditions: readonly Expr[]): Expr {
  const distinct = [...new Map(conditions.map((each) => [JSON.stringify(each), each])).values()];
  return fold(distinct.reduce<Expr>((left, right) => ({ '||': { left, right } }), { Value: false }));
}

/** A condition as an author would write it, one text for each part that has to hold. */
export function conditionTexts(expr: Expr): readonly string[] {
  if ('&&' in expr) {
    const { left, right } = expr['&&'] as Two;
    return [...conditionTexts(left), ...conditionTexts(right)];
  }
  return isTrue(expr) ? [] : [textOf(named(expr))];
}

/** What Cedar prints around the condition of a policy that says nothing else. */
const AROUND = /^permit\(principal, action, resource\) when \{ (.*) \};$/s;

function textOf(body: Expr): string {
  const everything = { op: 'All' } as const;
  const answer = policyToText({
    effect: 'permit',
    principal: everything,
    action: everything,
    resource: everything,
    conditions: [{ kind: 'when', body }],
  });
  return (answer.type === 'success' ? AROUND.exec(answer.text)?.[1] : undefined) ?? JSON.stringify(body);
}
