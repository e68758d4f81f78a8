import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PolicyReading } from '../../lambdas/cedar/read-policies.ts';
import type { PolicyBundle } from '../../lambdas/cedar/policy-bundle.ts';
import { LOCAL } from '../../lambdas/contracts/inventory/local-world.ts';
import { formatProblems, type Problem } from '../../lambdas/contracts/inventory/problem.ts';
import { accessOf } from '../../lambdas/core/access/access-inventory.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { Invocation } from '../invocation.ts';
import { findStage } from './find-stage.ts';

/** Where policies lie in a workspace. */
export const POLICY_FOLDER = 'policies';

/** The schema that this version of Lockstep decides by. */
const SCHEMA = new URL('../../policies/schema.cedarschema', import.meta.url);

/** What a problem of policies is told as. */
export const THE_POLICIES = 'The policy set';

/** The policies of a workspace, or what is wrong with them. */
export async function readPoliciesOf(folder: string): Promise<PolicyReading> {
  const { policyFilesIn, readPolicies } = await import('../../lambdas/cedar/read-policies.ts');
  return readPolicies(
    policyFilesIn(join(folder, POLICY_FOLDER), POLICY_FOLDER),
    readFileSync(SCHEMA, 'utf8'),
  );
}

/** The policies of a workspace. Throws `POLICY_INVALID` with all problems. */
export async function policiesOf(folder: string): Promise<PolicyBundle> {
  const { bundle, problems } = await readPoliciesOf(folder);
  if (bundle) return bundle;
  throw new LockstepError('POLICY_INVALID', formatProblems(problems, THE_POLICIES));
}

/**
 * The policies of a version of a workspace, by the schema that it had: an older one is compared as it was. None, where
 * nothing can be leased and nothing is written. Throws `POLICY_INVALID` with all problems.
 */
export async function policiesAsOf(folder: string, inventories: readonly Inventory[]): Promise<PolicyBundle> {
  const { policyFilesIn, readPolicies, SCHEMA_FILE } = await import('../../lambdas/cedar/read-policies.ts');
  const files = policyFilesIn(join(folder, POLICY_FOLDER), POLICY_FOLDER);
  const schema = files.files[SCHEMA_FILE] ?? readFileSync(SCHEMA, 'utf8');
  const nothing = inventories.every((inventory) => accessOf(inventory).leasables.length === 0);
  if (nothing && Object.keys(files.files).length === 0) return { schema, policies: {} };
  const { bundle, problems } = readPolicies(files, schema);
  if (bundle) return bundle;
  throw new LockstepError('POLICY_INVALID', formatProblems(problems, THE_POLICIES));
}

/** The inventories of a workspace: of one environment where one is named, else of all. Throws `INVENTORY_INVALID` with all problems. */
export async function inventoriesOf(
  workspace: unknown,
  environment: string | undefined,
): Promise<readonly Inventory[]> {
  const [{ resolveAnywhere }, { environmentNames }, { inventoryError }] = await Promise.all([
    import('../../embedded/world/examine-local.ts'),
    import('../../lambdas/contracts/inventory/read-workspace.ts'),
    import('../../lambdas/contracts/inventory/problem.ts'),
  ]);
  const names = environment === undefined ? environmentNames(workspace) : [environment];
  // A file without environments has problems all the same.
  return (names.length > 0 ? names : ['']).map((name) => {
    const { inventory, problems } = resolveAnywhere(workspace, name);
    if (inventory) return inventory;
    throw inventoryError(problems);
  });
}

/** The one environment that a question is about: the stage, or else the embedded world of the folder. */
export async function inventoryHere(invocation: Invocation): Promise<Inventory> {
  const { place, surroundings } = invocation;
  const workspace = await surroundings.loadWorkspace(place.folder);
  if (place.stage !== undefined) findStage(workspace, place.stage);
  const inventories = await inventoriesOf(workspace, place.stage);
  const found =
    place.stage === undefined ? inventories.find(({ environment }) => environment === LOCAL) : inventories[0];
  if (found) return found;
  throw new LockstepError(
    'COMMAND_INVALID',
    `lockstep.config.ts declares no environment ${LOCAL}; say which one is meant with --stage: ${inventories.map(({ environment }) => environment).join(', ')}`,
  );
}

/**
 * What is wrong with the policies of a workspace by themselves; nothing, where nothing can be leased. What they decide is
 * for `lockstep policy check`.
 */
export async function policyProblems(
  folder: string,
  inventories: readonly Inventory[],
): Promise<readonly Problem[]> {
  if (inventories.every((inventory) => accessOf(inventory).leasables.length === 0)) return [];
  const { bundle, problems } = await readPoliciesOf(folder);
  if (!bundle) return problems;
  const { readThrough } = await import('../../lambdas/cedar/review/check-policies.ts');
  return readThrough(bundle, inventories);
}
