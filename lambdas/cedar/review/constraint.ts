import type { Expr } from '@cedar-policy/cedar-wasm/nodejs';
import { operatorOf } from './map-expression.ts';
import { unknownName } from './fold-residual.ts';

/** What one comparison says of one circumstance. */
export type Constraint =
  /** A whole number, both ends included: of seconds for a duration, of milliseconds for an instant. */
  | { readonly of: string; readonly from: number; readonly to: number }
  /** One of these words, or none of them. */
  | { readonly of: string; readonly words: readonly string[]; readonly isAmong: boolean }
  /** Anything else, which holds or does not: only that it cannot be both is known of it. */
  | { readonly of: string; readonly holds: boolean };

interface Two {
  readonly left: Expr;
  readonly right: Expr;
}

/**
 * Reads a condition that has no `&&` and no `||` in it. What compares a circumstance with a constant says where that may
 * lie; several constraints, where one of them is enough (`!=` of a number).
 */
export function constraintsOf(expr: Expr): readonly Constraint[] {
  const [operator, given] = operatorOf(expr);
  if (operator === '!') return negated((given as { readonly arg: Expr }).arg);
  if (operator === 'contains') return [among(given as Two) ?? opaque(expr, true)];
  if (OPERATORS.has(operator)) return compared(operator, given as Two) ?? [opaque(expr, true)];
  return [opaque(expr, true)];
}

function negated(arg: Expr): readonly Constraint[] {
  const [inner] = constraintsOf(arg);
  if (inner && 'words' in inner) return [{ ...inner, isAmong: !inner.isAmong }];
  return [opaque(arg, false)];
}

/** What is not understood is told apart by how it is written. */
const opaque = (expr: Expr, holds: boolean): Constraint => ({ of: JSON.stringify(expr), holds });

function among({ left, right }: Two): Constraint | undefined {
  const of = unknownName(right);
  if (of === undefined || !('Set' in left)) return undefined;
  const words = (left.Set as readonly Expr[]).map(wordOf);
  return words.every((word) => word !== undefined) ? { of, words, isAmong: true } : undefined;
}

/** Each operator, and the same one with its sides changed. */
const OPERATORS: ReadonlyMap<string, string> = new Map([
  ['<', '>'],
  ['<=', '>='],
  ['>', '<'],
  ['>=', '<='],
  ['==', '=='],
  ['!=', '!='],
]);

function compared(operator: string, { left, right }: Two): readonly Constraint[] | undefined {
  const [of, constant, way] =
    unknownName(left) === undefined
      ? [unknownName(right), left, OPERATORS.get(operator)]
      : [unknownName(left), right, operator];
  if (of === undefined) return undefined;
  const word = wordOf(constant);
  if (word !== undefined)
    return way === '==' || way === '!=' ? [{ of, words: [word], isAmong: way === '==' }] : undefined;
  const truth = 'Value' in constant ? constant.Value : undefined;
  if (typeof truth === 'boolean') return [opaque({ unknown: [{ Value: of }] }, truth === (way === '=='))];
  const number = numberOf(constant);
  return number === undefined ? undefined : RANGES[way ?? '']?.(number).map((range) => ({ of, ...range }));
}

const wordOf = (expr: Expr): string | undefined =>
  'Value' in expr && typeof expr.Value === 'string' ? expr.Value : undefined;

type Range = { readonly from: number; readonly to: number };

const upTo = (to: number): Range => ({ from: -Infinity, to });
const since = (from: number): Range => ({ from, to: Infinity });

/** The whole numbers that compare so with a number, which need not be whole. */
const RANGES: Readonly<Record<string, (number: number) => readonly Range[]>> = {
  '<': (number) => [upTo(Math.ceil(number) - 1)],
  '<=': (number) => [upTo(Math.floor(number))],
  '>': (number) => [since(Math.floor(number) + 1)],
  '>=': (number) => [since(Math.ceil(number))],
  '==': (number) => [{ from: Math.ceil(number), to: Math.floor(number) }],
  '!=': (number) => [upTo(Math.ceil(number) - 1), since(Math.floor(number) + 1)],
};

/** A number, a duration in seconds (every ttl is whole ones), or an instant in milliseconds since 1970. */
function numberOf(expr: Expr): number | undefined {
  if ('Value' in expr && typeof expr.Value === 'number') return expr.Value;
  const [operator, given] = operatorOf(expr);
  const [argument] = Array.isArray(given) ? (given as readonly Expr[]) : [];
  const text = argument && wordOf(argument);
  if (text === undefined) return undefined;
  if (operator === 'duration') return secondsOf(text);
  const instant = operator === 'datetime' ? Date.parse(text) : NaN;
  return Number.isNaN(instant) ? undefined : instant;
}

const UNITS: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1, ms: 0.001 };

/** The seconds of a duration as Cedar writes it: `1d2h3m4s5ms`, or less of it, or all of it below nothing. */
function secondsOf(text: string): number | undefined {
  if (!/^-?(\d+(?:d|h|ms|m|s))+$/.test(text)) return undefined;
  const seconds = [...text.matchAll(/(\d+)(ms|[dhms])/g)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (UNITS[unit] ?? 0),
    0,
  );
  return text.startsWith('-') ? -seconds : seconds;
}
