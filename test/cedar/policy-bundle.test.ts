import { expect, it } from 'vitest';
import { parsePolicyBundle, serializePolicyBundle } from '../../lambdas/cedar/policy-bundle.ts';
import { thePolicies } from './the-policies.ts';

it('is the same after it lay beside a function', () => {
  expect(parsePolicyBundle(serializePolicyBundle(thePolicies()))).toEqual(thePolicies());
});

it('has one text, whatever order its policies were read in', () => {
  const { schema, policies } = thePolicies();
  const reversed = Object.fromEntries(Object.entries(policies).toReversed());
  expect(serializePolicyBundle({ schema, policies: reversed })).toBe(serializePolicyBundle(thePolicies()));
});

it.each([
  ['no JSON', '{'],
  ['no schema', '{"policies":{}}'],
  ['a policy without a text', '{"schema":"","policies":{"a":{"file":"a.cedar"}}}'],
  ['a policy that is longer than any', JSON.stringify({ schema: 'x'.repeat(262_145), policies: {} })],
])('refuses %s', (_, text) => {
  expect(() => parsePolicyBundle(text)).toThrowError(expect.objectContaining({ code: 'POLICY_INVALID' }));
});
