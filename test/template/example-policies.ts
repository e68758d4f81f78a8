import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serializePolicyBundle } from '../../lambdas/cedar/policy-bundle.ts';
import { policyFilesIn, readPolicies } from '../../lambdas/cedar/read-policies.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'policies');

/** The policies of the example, as they lie beside its broker. */
export function examplePolicies(): string {
  const schema = readFileSync(join(FOLDER, 'schema.cedarschema'), 'utf8');
  const { bundle, problems } = readPolicies(policyFilesIn(FOLDER, 'policies'), schema);
  if (!bundle) throw new Error(`the policies have problems: ${problems.map(({ path }) => path).join()}`);
  return serializePolicyBundle(bundle);
}
