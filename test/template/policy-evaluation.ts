import type { Resolved } from './synthesized-environment.ts';

/**
 * As much of IAM's evaluation as our policies use
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html). An operator that it
 * does not know makes it throw: a condition that nobody understood must not count as met.
 */

/** One statement, resolved. */
export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: Resolved;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** A policy, resolved. */
export interface Policy {
  readonly Statement: readonly Statement[];
}

/** What a request carries besides action and resource: condition keys and their values. */
type RequestContext = Readonly<Record<string, string | readonly string[]>>;

/** One request. */
export interface Attempt {
  readonly action: string;
  readonly resource: string;
  readonly context?: RequestContext;
}

/** `*` is any text, `?` any one character. */
function fits(pattern: string, value: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(value);
}

const asList = (value: string | number | readonly string[]): readonly string[] =>
  typeof value === 'object' ? value : [String(value)];

/** What identity policies alone say: an allow, and no deny. */
export const mayByIdentity = (statements: readonly Statement[], attempt: Attempt): boolean =>
  isNamed(statements, 'Allow', attempt) && !isNamed(statements, 'Deny', attempt);

/** What one policy says of an attempt. */
export function verdictOf(
  policy: Policy,
  attempt: Attempt,
  principal?: string,
): 'allowed' | 'denied' | 'silent' {
  const statements = policy.Statement.filter((statement) => isForPrincipal(statement, principal));
  const asked = asPrincipal(attempt, principal);
  if (isNamed(statements, 'Deny', asked)) return 'denied';
  return isNamed(statements, 'Allow', asked) ? 'allowed' : 'silent';
}

/** What AWS itself adds to a request of a principal of the account. A service that acts for itself has no such key. */
const asPrincipal = (attempt: Attempt, principal: string | undefined): Attempt =>
  principal?.startsWith('arn:')
    ? { ...attempt, context: { 'aws:PrincipalArn': principal, ...attempt.context } }
    : attempt;

const isNamed = (statements: readonly Statement[], effect: Statement['Effect'], attempt: Attempt): boolean =>
  statements.some((statement) => statement.Effect === effect && applies(statement, attempt));

/**
 * @param principal `service:<name>`, or an ARN; a statement for the account is one for everybody in it, as far as this
 *   policy is concerned. Absent: not asked.
 */
function isForPrincipal({ Principal: principal }: Statement, who: string | undefined): boolean {
  if (who === undefined || principal === undefined) return true;
  if (principal === '*') return true;
  const { AWS: aws, Service: service } = principal as {
    readonly AWS?: string | readonly string[];
    readonly Service?: string | readonly string[];
  };
  if (who.startsWith('service:'))
    return asList(service ?? []).includes(who.slice('service:'.length)) || asList(aws ?? []).includes('*');
  const account = who.split(':')[4] ?? '';
  return asList(aws ?? []).some(
    (each) => each === '*' || each === who || each === `arn:aws:iam::${account}:root`,
  );
}

function applies(statement: Statement, { action, resource, context = {} }: Attempt): boolean {
  const { Action: actions, Resource: resources, Condition: conditions = {} } = statement;
  return (
    asList(actions).some((each) => fits(each.toLowerCase(), action.toLowerCase())) &&
    asList(resources).some((each) => fits(each, resource)) &&
    Object.entries(conditions).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) => holds(operator, asList(wanted), valuesOf(context, key))),
    )
  );
}

/** Keys are compared without regard to case. */
function valuesOf(context: RequestContext, key: string): readonly string[] | undefined {
  const found = Object.entries(context).find(([name]) => name.toLowerCase() === key.toLowerCase());
  return found && asList(found[1]);
}

type Compare = (wanted: string, value: string) => boolean;

const COMPARES: Readonly<Record<string, Compare>> = {
  StringEquals: (wanted, value) => wanted === value,
  StringLike: fits,
  ArnEquals: fits,
  ArnLike: fits,
  Bool: (wanted, value) => wanted.toLowerCase() === value.toLowerCase(),
  NumericLessThan: (wanted, value) => Number(value) < Number(wanted),
};
const NEGATED: Readonly<Record<string, string>> = {
  StringNotEquals: 'StringEquals',
  StringNotLike: 'StringLike',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
};

function holds(operator: string, wanted: readonly string[], values: readonly string[] | undefined): boolean {
  if (operator === 'Null') return wanted.includes(String(values === undefined));
  const [set, plain] = operator.includes(':') ? operator.split(':') : [undefined, operator];
  const negated = NEGATED[plain ?? ''];
  const compare = COMPARES[negated ?? plain ?? ''];
  if (!compare || (set !== undefined && set !== 'ForAllValues' && set !== 'ForAnyValue'))
    throw new Error(`these tests do not know the operator ${operator}`);
  const isOne = (value: string): boolean =>
    wanted.some((each) => compare(each, value)) !== (negated !== undefined);
  if (set === 'ForAllValues') return (values ?? []).every(isOne);
  // A negated operator holds for a key that is missing, every other one does not.
  if (values === undefined) return negated !== undefined;
  return set === 'ForAnyValue' ? values.some(isOne) : values.length > 0 && values.every(isOne);
}
