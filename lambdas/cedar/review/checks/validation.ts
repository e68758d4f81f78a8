import { validate } from '../../cedar-wasm.ts';
import type { Problem } from '../../../contracts/inventory/problem.ts';
import type { PolicyBundle } from '../../policy-bundle.ts';
import { said } from '../../said.ts';

/**
 * Strict validation by the schema: types, attributes, optional ones that are not asked for first, conditions that can
 * never hold, names in letters that look like others. What Cedar warns of is refused as well: a policy that can never
 * apply looks like one that does.
 */
export function validationProblems({ schema, policies }: PolicyBundle): readonly Problem[] {
  const staticPolicies = Object.fromEntries(Object.entries(policies).map(([id, { text }]) => [id, text]));
  const answer = validate({ schema, policies: { staticPolicies }, validationSettings: { mode: 'strict' } });
  if (answer.type === 'failure')
    return answer.errors.map(({ message, help }) => problem('policies', message, help));
  const { validationErrors: errors, validationWarnings: warnings } = answer;
  return [...errors, ...warnings].map(({ policyId, error: { message, help } }) =>
    problem(`${policies[policyId]?.file ?? 'policies'}: ${policyId}`, message, help),
  );
}

const problem = (path: string, message: string, help: string | null): Problem => ({
  path,
  found: said(message.replace(/^for policy `[^`]*`, /, '')),
  allowed: 'what policies/schema.cedarschema knows, and conditions that can hold',
  mend: help === null ? 'mend the policy, or take it out' : said(help),
});
