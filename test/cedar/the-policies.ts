import { readFileSync } from 'node:fs';
import type { PolicyBundle } from '../../lambdas/cedar/policy-bundle.ts';
import { policyFilesIn, readPolicies, SCHEMA_FILE } from '../../lambdas/cedar/read-policies.ts';

const folder = new URL('../../policies/', import.meta.url).pathname;

/** The schema that comes with Lockstep. */
export const theSchema = readFileSync(`${folder}${SCHEMA_FILE}`, 'utf8');

/** The policies of the example workspace. */
export function thePolicies(): PolicyBundle {
  const { bundle, problems } = readPolicies(policyFilesIn(folder, 'policies'), theSchema);
  if (bundle) return bundle;
  throw new Error(JSON.stringify(problems));
}

/** Policies that a test writes, and nothing else. */
export function policiesOf(text: string): PolicyBundle {
  const { bundle, problems } = readPolicies({ folder: 'policies', files: { 'test.cedar': text } }, theSchema);
  if (bundle) return bundle;
  throw new Error(JSON.stringify(problems));
}
