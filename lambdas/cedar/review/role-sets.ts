import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { accessOf } from '../../core/access/access-inventory.ts';
import type { Inventory } from '../../core/credential.ts';
import { typeOf } from '../cedar-words.ts';
import type { PolicyBundle } from '../policy-bundle.ts';
import { policyJsons } from '../policy-heads.ts';
import { uidsIn, uidsOf } from './named-uids.ts';

/** Roles that one person may have together, sorted. */
export type RoleSet = readonly string[];

/**
 * Sets of roles of which somebody may get more than by each role alone: those that a policy names together, and every role
 * beside one that a condition names, which may be what another policy's permit lacks. Any other roles only add up.
 */
export function roleSetsOf(bundles: readonly PolicyBundle[], inventory: Inventory): readonly RoleSet[] {
  const all = accessOf(inventory).roles.map(({ name }) => name);
  const sets = bundles
    .flatMap((bundle) => [...policyJsons(bundle).values()])
    .flatMap((json) => {
      const conditions = rolesAmong(inventory, uidsOf(json.conditions));
      const beside = conditions.flatMap((role) => all.map((other) => [role, other]));
      return [rolesOf(inventory, json), ...beside];
    })
    .map((roles) => [...new Set(roles)].sort())
    .filter((roles) => roles.length > 1);
  return [...new Map(sets.map((roles) => [roles.join('+'), roles])).values()];
}

const rolesOf = (inventory: Inventory, json: PolicyJson): readonly string[] =>
  rolesAmong(inventory, uidsIn(json));

/** The roles that are named, and those of the teams that are. */
function rolesAmong(inventory: Inventory, uids: ReturnType<typeof uidsOf>): readonly string[] {
  const named = (type: 'Role' | 'Team'): ReadonlySet<string> =>
    new Set(uids.filter((uid) => typeOf(uid) === type).map(({ id }) => id));
  const [roles, teams] = [named('Role'), named('Team')];
  return accessOf(inventory)
    .roles.filter(({ name, owner }) => roles.has(name) || (owner !== undefined && teams.has(owner)))
    .map(({ name }) => name);
}
