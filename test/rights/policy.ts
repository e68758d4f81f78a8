import { NotUnderstood } from './not-understood.ts';

/** One value, or several of which one is enough. */
type OneOrMany<T> = T | readonly T[];

/** Whom a statement of a resource's policy is about. */
export type PrincipalElement = '*' | Readonly<Record<string, OneOrMany<string>>>;

/** Operator, key, values. */
export type Conditions = Readonly<
  Record<string, Readonly<Record<string, OneOrMany<string | number | boolean>>>>
>;

/** One statement, with every reference of the template resolved. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: PrincipalElement;
  readonly Action: OneOrMany<string>;
  /** Only a role's trust policy has none: it speaks of that role. */
  readonly Resource?: OneOrMany<string>;
  readonly Condition?: Conditions;
}

/** A policy, resolved. */
export interface Policy {
  readonly Version?: string;
  readonly Statement: readonly Statement[];
}

/** What a policy is attached to: a principal, or something that principals reach. */
export type PolicyKind = 'of-principal' | 'of-resource';

const ELEMENTS = new Set(['Sid', 'Effect', 'Principal', 'Action', 'Resource', 'Condition']);

/**
 * The statements of a policy, each looked at. Throws `NotUnderstood` where one has an element that is not evaluated
 * here (`NotAction`, `NotResource`, `NotPrincipal`), lacks one, or uses a policy variable
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html).
 */
export function statementsOf(policy: Policy, kind: PolicyKind, name: string): readonly Statement[] {
  const { Version: version, Statement: statements } = policy;
  if (version !== undefined && version !== '2012-10-17')
    throw new NotUnderstood(`${name} is written in version ${version} of the policy language`);
  if (!Array.isArray(statements)) throw new NotUnderstood(`${name} has no list of statements`);
  for (const [index, statement] of policy.Statement.entries())
    assertKnown(statement, kind, `statement ${index} of ${name}`);
  return policy.Statement;
}

function assertKnown(statement: Statement, kind: PolicyKind, name: string): void {
  for (const element of Object.keys(statement))
    if (!ELEMENTS.has(element)) throw new NotUnderstood(`${name} has the element ${element}`);
  const { Effect: effect, Principal: principal, Action: action, Resource: resource } = statement;
  if (effect !== 'Allow' && effect !== 'Deny')
    throw new NotUnderstood(`${name} has the effect ${String(effect)}`);
  if (listOf(action).length === 0) throw new NotUnderstood(`${name} names no action`);
  if ((principal === undefined) !== (kind === 'of-principal'))
    throw new NotUnderstood(
      `${name}, a policy ${kind}, has ${principal === undefined ? 'no' : 'a'} Principal`,
    );
  if (resource === undefined && kind === 'of-principal') throw new NotUnderstood(`${name} names no resource`);
  if (JSON.stringify([resource, statement.Condition])?.includes('${'))
    throw new NotUnderstood(`${name} uses a policy variable`);
}

/** Several values, whichever way they were written. */
export const listOf = (values: OneOrMany<string | number | boolean> | undefined): readonly string[] => {
  if (values === undefined) return [];
  return typeof values === 'object' ? values.map(String) : [String(values)];
};
