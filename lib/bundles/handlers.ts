import { FAMILIES, LEASER_KINDS } from '../../lambdas/contracts/kinds.ts';
import {
  ACCESS_FUNCTIONS,
  FUNCTIONS,
  leaseFunction,
  targetFunction,
  tellFunction,
  type FunctionName,
} from '../../lambdas/contracts/names.ts';
import { TOLD_KINDS } from '../../lambdas/contracts/routes.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';
import { leaseKindsOf } from '../access/lease-kinds.ts';

/** One function and the file that it runs. */
export interface Handler {
  readonly name: FunctionName;
  /** From the repository's root. */
  readonly path: string;
}

const once = <N extends FunctionName>(functions: Readonly<Record<N, unknown>>): readonly Handler[] =>
  (Object.keys(functions) as N[]).map((name) => ({ name, path: `lambdas/${name}/handler.ts` }));

/** Every function there is: what is measured. */
export const HANDLERS: readonly Handler[] = [
  ...once(FUNCTIONS),
  ...FAMILIES.map((family) => ({
    name: targetFunction(family),
    path: `lambdas/rotators/${family}/handler.ts`,
  })),
  ...TOLD_KINDS.map((kind) => ({
    name: tellFunction(kind),
    path: `lambdas/propagators/${kind}/handler.ts`,
  })),
  ...once(ACCESS_FUNCTIONS),
  ...LEASER_KINDS.map(({ name }) => ({
    name: leaseFunction(name),
    path: `lambdas/leasers/${name}/handler.ts`,
  })),
];

/** The functions that these environments deploy, of those that not every environment has: what nobody leases is not bundled. */
export function handlersFor(inventories: readonly Inventory[]): readonly Handler[] {
  const kinds = new Set(inventories.flatMap(leaseKindsOf).map(leaseFunction));
  return HANDLERS.filter(({ name }) => {
    if (name in ACCESS_FUNCTIONS) return kinds.size > 0;
    return name.startsWith('lease-') ? kinds.has(name as `lease-${string}`) : true;
  });
}
