import { inventoryError } from '../../lambdas/contracts/inventory/index.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';

/** What a workspace declares for an environment on AWS. Throws `INVENTORY_INVALID` with all problems. */
export async function inventoryFor(workspace: unknown, environment: string): Promise<Inventory> {
  // Loaded then: the schema library takes its time.
  const { resolveAnywhere } = await import('../../embedded/world/examine-local.ts');
  const resolution = resolveAnywhere(workspace, environment);
  if (resolution.inventory) return resolution.inventory;
  throw inventoryError(resolution.problems);
}
