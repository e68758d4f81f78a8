import { readFileSync } from 'node:fs';
import type { Inventory } from '../lambdas/core/credential.ts';
import type { Problem } from '../lambdas/contracts/inventory/index.ts';
import { hasLeases } from './access/lease-kinds.ts';

/** What leases are decided by, or everything that is wrong with it. Never both; neither where nothing can be leased. */
export interface LoadedPolicies {
  /** As the file beside the broker holds it. */
  readonly policies?: string;
  readonly problems: readonly Problem[];
}

/** The schema that this version decides by. */
const SCHEMA = new URL('../policies/schema.cedarschema', import.meta.url);

/**
 * Reads and checks the policies of a workspace where something can be leased, as `lockstep policy check` does: what is wrong
 * with them is wrong before anything is synthesized. The engine is loaded only then.
 *
 * @param folder where they lie
 */
export async function loadPolicies(
  folder: string,
  inventories: readonly Inventory[],
): Promise<LoadedPolicies> {
  if (!inventories.some(hasLeases)) return { problems: [] };
  const [{ policyFilesIn, readPolicies }, { serializePolicyBundle }, { checkPolicies }] = await Promise.all([
    import('../lambdas/cedar/read-policies.ts'),
    import('../lambdas/cedar/policy-bundle.ts'),
    import('../lambdas/cedar/review/check-policies.ts'),
  ]);
  const reading = readPolicies(policyFilesIn(folder, 'policies'), readFileSync(SCHEMA, 'utf8'));
  if (!reading.bundle) return { problems: reading.problems };
  const { problems } = checkPolicies(reading.bundle, inventories);
  return problems.length > 0 ? { problems } : { policies: serializePolicyBundle(reading.bundle), problems };
}
