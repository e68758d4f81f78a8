import { sealInventory } from '../../lambdas/contracts/inventory/serialized.ts';
import { targetFunction, type FunctionName } from '../../lambdas/contracts/names.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';

/**
 * What a function gets to know of the inventory. A target function knows its own family, authorities included, and
 * the workloads bound to it; everybody else knows the whole.
 */
export function inventoryFor(name: FunctionName, { digest: _whole, ...body }: Inventory): Inventory {
  if (!name.startsWith('target-')) return sealInventory(body);
  const credentials = body.credentials.filter(({ family }) => targetFunction(family) === name);
  const readers = new Set(credentials.flatMap(({ boundTo }) => boundTo));
  const workloads = body.workloads.filter((workload) => readers.has(workload.name));
  return sealInventory({ ...body, credentials, workloads });
}
