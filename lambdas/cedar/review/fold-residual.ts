import type { CedarValueJson, Expr } from '@cedar-policy/cedar-wasm/nodejs';
import { mapParts, operatorOf } from './map-expression.ts';

/*
 * What partial evaluation leaves of a condition, made short. Cedar puts the whole context in the place of the word
 * `context`, and leaves every look into it undone when anything of it is unknown. Here those looks are done, and what is
 * true or false whatever the rest is goes.
 */

const TRUE: Expr = { Value: true };
const FALSE: Expr = { Value: false };

export const isTrue = (expr: Expr): boolean => 'Value' in expr && expr.Value === true;
export const isFalse = (expr: Expr): boolean => 'Value' in expr && expr.Value === false;

interface Two {
  readonly left: Expr;
  readonly right: Expr;
}

/** An expression without looks into a known record, and without parts that decide nothing. */
export function fold(expr: Expr): Expr {
  const [operator, given] = operatorOf(expr);
  switch (operator) {
    case '.':
      return foldLook(given as { readonly left: Expr; readonly attr: string });
    case 'has':
      return foldHas(given as { readonly left: Expr; readonly attr: string | readonly string[] });
    case '&&':
      return foldAnd(given as Two);
    case '||':
      return foldOr(given as Two);
    case '!':
      return foldNot(given as { readonly arg: Expr });
    case 'if-then-else':
      return foldIf(given as Branch);
    default:
      return mapParts(expr, fold);
  }
}

function foldLook({ left, attr }: { readonly left: Expr; readonly attr: string }): Expr {
  const inner = fold(left);
  const found = recordOf(inner)?.get(attr);
  return found ?? { '.': { left: inner, attr } };
}

function foldHas({ left, attr }: { readonly left: Expr; readonly attr: string | readonly string[] }): Expr {
  const inner = fold(left);
  const record = recordOf(inner);
  if (!record || typeof attr !== 'string') return { has: { left: inner, attr } } as Expr;
  return record.has(attr) ? TRUE : FALSE;
}

/** A record, however it is written down. */
function recordOf(expr: Expr): ReadonlyMap<string, Expr> | undefined {
  if ('Record' in expr) return new Map(Object.entries(expr.Record as Readonly<Record<string, Expr>>));
  if (!('Value' in expr)) return undefined;
  const value: CedarValueJson | undefined = expr.Value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  if ('__entity' in value || '__extn' in value) return undefined;
  return new Map(Object.entries(value).map(([key, each]) => [key, { Value: each }]));
}

function foldAnd({ left, right }: Two): Expr {
  const [one, other] = [fold(left), fold(right)];
  if (isFalse(one) || isFalse(other)) return FALSE;
  if (isTrue(one)) return other;
  return isTrue(other) ? one : { '&&': { left: one, right: other } };
}

function foldOr({ left, right }: Two): Expr {
  const [one, other] = [fold(left), fold(right)];
  if (isTrue(one) || isTrue(other)) return TRUE;
  if (isFalse(one)) return other;
  return isFalse(other) ? one : { '||': { left: one, right: other } };
}

function foldNot({ arg }: { readonly arg: Expr }): Expr {
  const inner = fold(arg);
  if (isTrue(inner)) return FALSE;
  return isFalse(inner) ? TRUE : { '!': { arg: inner } };
}

interface Branch {
  readonly if: Expr;
  readonly then: Expr;
  readonly else: Expr;
}

function foldIf(branch: Branch): Expr {
  const condition = fold(branch.if);
  if (isTrue(condition)) return fold(branch.then);
  if (isFalse(condition)) return fold(branch.else);
  return mapParts({ 'if-then-else': branch }, fold);
}

/** The same expression with `context.ttl` in the place of what was unknown: as an author would write it. */
export function named(expr: Expr): Expr {
  const unknown = unknownName(expr);
  return unknown === undefined ? mapParts(expr, named) : { '.': { left: { Var: 'context' }, attr: unknown } };
}

/** The other way round: every look into the context as something unknown. */
export function unknowns(expr: Expr): Expr {
  const [operator, given] = operatorOf(expr);
  const { left, attr } = given as { readonly left?: Expr; readonly attr?: unknown };
  const isLook = operator === '.' && left !== undefined && 'Var' in left && left.Var === 'context';
  return isLook ? { unknown: [{ Value: String(attr) }] } : mapParts(expr, unknowns);
}

/** The name of something unknown, where the expression is nothing else. */
export function unknownName(expr: Expr): string | undefined {
  const [operator, given] = operatorOf(expr);
  if (operator !== 'unknown') return undefined;
  const [name] = given as readonly { readonly Value: string }[];
  return name?.Value;
}
