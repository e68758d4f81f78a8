import type { KeyType } from './condition-keys.ts';
import { valuesOf, type KeyValues } from './key-values.ts';
import { NotUnderstood } from './not-understood.ts';
import { fits, fitsArn } from './patterns.ts';
import { listOf, type Conditions } from './policy.ts';
import type { Attempt } from './request.ts';

/** How one value of a policy is compared with one of a request. */
interface Comparison {
  readonly takes: readonly KeyType[];
  readonly matches: (wanted: string, found: string) => boolean;
}

const isSame = (wanted: string, found: string): boolean => wanted === found;
const isLess = (wanted: string, found: string): boolean => asNumber(found) < asNumber(wanted);
const isSameAnswer = (wanted: string, found: string): boolean => asAnswer(wanted) === asAnswer(found);

const TEXTS: readonly KeyType[] = ['text', 'arn'];

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  StringEquals: { takes: TEXTS, matches: isSame },
  StringLike: { takes: TEXTS, matches: fits },
  // The two behave identically: both know wildcards.
  ArnEquals: { takes: ['arn'], matches: fitsArn },
  ArnLike: { takes: ['arn'], matches: fitsArn },
  Bool: { takes: ['yes-or-no'], matches: isSameAnswer },
  NumericLessThan: { takes: ['number'], matches: isLess },
};

/** Operators that hold where the positive one does not, and where the key is missing. */
const NEGATIONS: Readonly<Record<string, string>> = {
  StringNotEquals: 'StringEquals',
  StringNotLike: 'StringLike',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
};

/**
 * Whether all conditions of a statement hold
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html,
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html).
 * Every one is looked at, also behind one that failed: that nobody knows an operator must not depend on their order.
 */
export function conditionsHold(conditions: Conditions, attempt: Attempt): boolean {
  const each = Object.entries(conditions).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([name, wanted]) =>
      holds(operator, name, listOf(wanted), valuesOf(name, attempt)),
    ),
  );
  return each.every(Boolean);
}

function holds(
  operator: string,
  name: string,
  wanted: readonly string[],
  { key, values }: KeyValues,
): boolean {
  if (wanted.length === 0) throw new NotUnderstood(`${operator} compares ${name} with nothing`);
  if (operator === 'Null') return isMissing(wanted, name) === (values === undefined);
  const { set, plain, ifExists } = partsOf(operator);
  const isNegated = plain in NEGATIONS;
  const comparison = COMPARISONS[NEGATIONS[plain] ?? plain];
  if (!comparison) throw new NotUnderstood(`the operator ${operator} is not known`);
  if (!comparison.takes.includes(key.type))
    throw new NotUnderstood(`${operator} does not compare ${name}, which is a ${key.type}`);
  if (key.isMany && set === undefined)
    throw new NotUnderstood(`${name} may have several values, which ${operator} alone does not compare`);
  if (values === undefined) return ifExists || set === 'ForAllValues' || (isNegated && set === undefined);
  // Several values of the policy: one is enough for a match, and none may match for a negation.
  const passes = (value: string): boolean =>
    wanted.some((one) => comparison.matches(one, value)) !== isNegated;
  return set === 'ForAnyValue' ? values.some(passes) : values.every(passes);
}

/** `Null` asks whether the key is missing: one answer, since both together would ask nothing. */
function isMissing(wanted: readonly string[], name: string): boolean {
  const [answer, second] = wanted;
  if (answer === undefined || second !== undefined)
    throw new NotUnderstood(`Null asks ${name} for ${wanted.join(' and ')}`);
  return asAnswer(answer);
}

const OPERATOR = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/;

function partsOf(operator: string) {
  const [, set, plain = '', ifExists] = OPERATOR.exec(operator) ?? [];
  return { set, plain, ifExists: ifExists !== undefined };
}

function asAnswer(value: string): boolean {
  const answer = value.toLowerCase();
  if (answer !== 'true' && answer !== 'false') throw new NotUnderstood(`${value} is neither true nor false`);
  return answer === 'true';
}

function asNumber(value: string): number {
  if (!/^-?\d+(\.\d+)?$/.test(value)) throw new NotUnderstood(`${value} is no number`);
  return Number(value);
}
