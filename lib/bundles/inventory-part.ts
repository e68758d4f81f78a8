import { sealInventory } from '../../lambdas/contracts/inventory/serialized.ts';
import { leaseFunction, targetFunction, type FunctionName } from '../../lambdas/contracts/names.ts';
import { NO_ACCESS } from '../../lambdas/core/access/access-inventory.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';

type Body = Omit<Inventory, 'digest'>;

/**
 * What a function gets to know of the inventory. A target function knows its own family, authorities included, and
 * the workloads bound to it; a lease function what can be leased of its kind, and the authorities for that; everybody
 * else knows the whole.
 */
export function inventoryFor(name: FunctionName, { digest: _whole, ...body }: Inventory): Inventory {
  if (name.startsWith('target-')) return sealInventory(ofFamily(name, body));
  if (name.startsWith('lease-')) return sealInventory(ofLeaseKind(name, body));
  return sealInventory(body);
}

function ofFamily(name: FunctionName, { access: _whoMayAsk, ...body }: Body): Body {
  const credentials = body.credentials.filter(({ family }) => targetFunction(family) === name);
  const readers = new Set(credentials.flatMap(({ boundTo }) => boundTo));
  const workloads = body.workloads.filter((workload) => readers.has(workload.name));
  return { ...body, credentials, workloads };
}

function ofLeaseKind(name: FunctionName, { access = NO_ACCESS, ...body }: Body): Body {
  const { leasables, leaseAuthorities } = access;
  return {
    ...body,
    credentials: [],
    workloads: [],
    access: {
      ...NO_ACCESS,
      leasables: leasables.filter(({ kind }) => leaseFunction(kind) === name),
      leaseAuthorities: leaseAuthorities.filter(({ kind }) => leaseFunction(kind) === name),
    },
  };
}
