import { expect, it } from 'vitest';
import { listOf, type Statement } from '../../rights/policy.ts';
import { vectorFiles } from '../../rights/vectors.ts';
import { resourcePoliciesOf } from '../resource-policies.ts';
import { rolesOf } from '../roles.ts';
import { example } from '../the-example.ts';

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

it('evaluated: whatever our policies use is in a vector that the evaluators of others agree with', () => {
  const files = [...vectorFiles().values()];
  const known = new Set(
    files
      .flatMap(({ policies }) => Object.values(policies))
      .flatMap(({ Statement: statements }) => statements.flatMap(usedBy)),
  );
  const used = example().environments.flatMap((environment) =>
    [
      ...rolesOf(environment).flatMap(({ statements }) => statements),
      ...[...resourcePoliciesOf(environment).values()].flatMap(({ document }) => document.Statement),
    ].flatMap(usedBy),
  );
  expect(used.length).toBeGreaterThan(0);
  expect([...new Set(used)].filter((each) => !known.has(each))).toEqual([]);
});
