import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { Inventory } from '../core/credential.ts';
import type { EntityRef, PolicyAction, PolicyRequest } from '../core/policy/policy-request.ts';
import { actionUid, uidKey, uidOf, type CedarUid } from './cedar-words.ts';
import { entitiesOf, type CedarEntity } from './entities.ts';
import { entitySlices } from './entity-slice.ts';
import { scopeIndex, type Placed } from './scope.ts';

/** A question with everything that its answer can depend on, and nothing else. */
export interface Question {
  readonly principal: CedarUid;
  readonly action: PolicyAction;
  readonly resource: CedarUid;
  readonly entities: readonly CedarEntity[];
  /** Ids of the policies whose head fits, sorted. */
  readonly policies: readonly string[];
}

/** The part of a request that says who and what. */
export type Who = Pick<PolicyRequest, 'principal' | 'roles' | 'action' | 'resource'> & {
  /** The agent that acts for the principal: policies may ask who it is. */
  readonly agent?: string | undefined;
};

/** Makes questions over one inventory; `undefined` where it does not have the principal or the resource. */
export function questions(
  inventory: Inventory,
  policies: ReadonlyMap<string, PolicyJson>,
): (who: Who) => Question | undefined {
  const entities = entitiesOf(inventory);
  const slices = entitySlices(entities);
  const applying = scopeIndex([...policies].map(([id, json]) => ({ id, json })));
  const has = (ref: EntityRef): boolean => entities.has(uidKey(uidOf(ref)));
  return ({ principal, roles = [], action, resource, agent }) => {
    const isPerson = principal.type === 'Person';
    // A role that the inventory does not have gives nothing, whoever says it. Who has no other one is a stranger.
    const known = roles
      .map((id): EntityRef => ({ type: 'Role', id }))
      .filter(has)
      .map(uidOf);
    const isKnown = isPerson ? known.length > 0 : has(principal);
    if (!isKnown || !has(resource)) return undefined;
    const [who, what] = [uidOf(principal), uidOf(resource)];
    const person = isPerson ? [{ uid: who, attrs: {}, parents: known }] : [];
    const beside = [
      uidOf({ type: 'Environment', id: inventory.environment }),
      ...(agent === undefined ? [] : [uidOf({ type: 'Agent', id: agent })]),
    ];
    const reached = [...person, ...slices.reach([who, ...known, what, ...beside])];
    return {
      principal: who,
      action,
      resource: what,
      entities: reached,
      policies: applying({
        principal: placed(who, reached),
        action: actionUid(action),
        resource: placed(what, reached),
      }),
    };
  };
}

/** An entity with everything that it is in. */
function placed(uid: CedarUid, entities: readonly CedarEntity[]): Placed {
  const byKey = new Map(entities.map((each) => [uidKey(each.uid), each]));
  const isIn = new Set<string>();
  const waiting = [uid];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const key = uidKey(next);
    if (isIn.has(key)) continue;
    isIn.add(key);
    waiting.push(...(byKey.get(key)?.parents ?? []));
  }
  return { uid, isIn };
}
