import { listOf, type Statement } from '../rights/policy.ts';
import { vectorFiles } from '../rights/vectors.ts';
import { resourcePoliciesOf } from './resource-policies.ts';
import { rolesOf } from './roles.ts';
import type { SynthesizedEnvironment } from './synthesized-environment.ts';

/** What a statement makes an evaluator know: each operator with its key, each kind of principal. */
const usedBy = ({ Condition: conditions = {}, Principal: principal }: Statement): readonly string[] => [
  ...Object.entries(conditions).flatMap(([operator, keys]) =>
    Object.keys(keys).map((key) => `${operator} ${key}`),
  ),
  ...(principal === undefined ? [] : kindsOf(principal)),
];

const kindsOf = (principal: NonNullable<Statement['Principal']>): readonly string[] =>
  principal === '*'
    ? ['Principal *']
    : Object.entries(principal).flatMap(([kind, names]) =>
        listOf(names).map((name) => `Principal ${kind} ${name.replaceAll(/\d{12}/g, '…')}`),
      );

/** What all policies of an environment, of roles and of what is reached, make an evaluator know. */
export const usedIn = (environment: SynthesizedEnvironment): readonly string[] => [
  ...new Set(
    [
      ...rolesOf(environment).flatMap(({ statements }) => statements),
      ...[...resourcePoliciesOf(environment).values()].flatMap(({ document }) => document.Statement),
    ].flatMap(usedBy),
  ),
];

/** What is in a vector that the evaluators of others agree with. */
export const usedInVectors = (): ReadonlySet<string> =>
  new Set(
    [...vectorFiles().values()]
      .flatMap(({ policies }) => Object.values(policies))
      .flatMap(({ Statement: statements }) => statements.flatMap(usedBy)),
  );
