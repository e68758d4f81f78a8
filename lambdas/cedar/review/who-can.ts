import type { Inventory } from '../../core/credential.ts';
import type { PolicyAction } from '../../core/policy/policy-request.ts';
import type { PolicyBundle } from '../policy-bundle.ts';
import { askersNamed, askersOf, principalNames } from './askers.ts';
import { appliesTo, asksOf, isAsked, resourcesOf } from './asks-of.ts';
import { linesOf, openOverview, type Line } from './overview.ts';
import { roleSetsOf } from './role-sets.ts';

/** The lines that were asked for, or the names that there are where the one that was given is none. */
export type Listing =
  | { readonly lines: readonly Line[]; readonly names?: undefined }
  | { readonly names: readonly string[]; readonly lines?: undefined };

/** Who may do something with one credential or leasable. */
export function whoCan(
  bundle: PolicyBundle,
  inventory: Inventory,
  { action, name }: { readonly action: PolicyAction; readonly name: string },
): Listing {
  const fits = appliesTo(bundle.schema);
  const able = resourcesOf(inventory).filter(
    (each) =>
      fits(action).resources.includes(each.type) && (action === 'renew' || isAsked(inventory, action, each)),
  );
  const resources = able.filter(({ id }) => id === name);
  if (resources.length === 0) return { names: able.map(({ id }) => id) };
  const askers = askersOf(inventory, roleSetsOf([bundle], inventory));
  const asks = asksOf(inventory, fits, { askers, actions: [action], resources });
  return { lines: linesOf(openOverview(bundle, inventory), asks) };
}

/**
 * What one principal may do: `workload:rag-api`, or `rag-api` where only one has that name. An agent is told with
 * everybody that it may act for.
 */
export function whatCan(bundle: PolicyBundle, inventory: Inventory, name: string): Listing {
  const askers = askersNamed(inventory, name, roleSetsOf([bundle], inventory));
  if (!askers) return { names: principalNames(inventory) };
  const asks = asksOf(inventory, appliesTo(bundle.schema), { askers });
  return { lines: linesOf(openOverview(bundle, inventory), asks) };
}
