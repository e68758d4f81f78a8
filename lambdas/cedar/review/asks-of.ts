import { schemaToJson } from '../cedar-wasm.ts';
import { leaseCapabilities } from '../../contracts/lease-capabilities.ts';
import { accessOf } from '../../core/access/access-inventory.ts';
import type { Caller } from '../../core/access/caller.ts';
import { ttlLimits } from '../../core/access/fitting-ttl.ts';
import { purposesOf } from '../../core/access/purposes.ts';
import type { Inventory } from '../../core/credential.ts';
import { ownEntry } from '../../core/own-entry.ts';
import {
  POLICY_ACTIONS,
  type EntityRef,
  type EntityType,
  type PolicyAction,
} from '../../core/policy/policy-request.ts';
import type { Asker } from './askers.ts';
import type { Known } from './partly-known.ts';

/** One thing that one asker may want. */
export interface Ask {
  readonly asker: Asker;
  readonly action: PolicyAction;
  readonly resource: EntityRef;
  /** Of a lease: one that the asker may state and the leasable is there for. */
  readonly purpose?: string;
  /** Of a lease: whether it is asked for without the approvals that policy wants. */
  readonly breakGlass?: boolean;
  /** Of people with several roles: the same, where people with fewer of them may ask it. */
  readonly apart?: readonly Ask[];
}

/** An ask as it is told: by the name of who asks, and without what it is compared with. */
export const toldAsk = ({ asker, action, resource, purpose, breakGlass }: Ask) => ({
  asker: asker.name,
  action,
  resource,
  ...(purpose === undefined ? {} : { purpose }),
  ...(breakGlass === undefined ? {} : { breakGlass }),
});

/** Everything that can be asked about. */
export const resourcesOf = (inventory: Inventory): readonly EntityRef[] => [
  ...[...inventory.credentials, ...accessOf(inventory).leaseAuthorities].map(({ name }) => ({
    type: 'Credential' as const,
    id: name,
  })),
  ...accessOf(inventory).leasables.map(({ name }) => ({ type: 'Leasable' as const, id: name })),
];

/** Whom and what an action is for, as the schema says. */
export type AppliesTo = (action: PolicyAction) => {
  readonly principals: readonly EntityType[];
  readonly resources: readonly EntityType[];
};

/** Reads from a schema what each action is for. An action that it does not have is for nobody. */
export function appliesTo(schema: string): AppliesTo {
  const answer = schemaToJson(schema);
  const namespace = Object.entries(answer.type === 'success' ? answer.json : {});
  const actions = Object.fromEntries(namespace.flatMap(([, { actions: each }]) => Object.entries(each)));
  return (action) => {
    const spec = actions[action]?.appliesTo;
    return {
      principals: (spec?.principalTypes ?? []) as EntityType[],
      resources: (spec?.resourceTypes ?? []) as EntityType[],
    };
  };
}

/**
 * Everything that the askers may want of the resources: each action that the schema has for both. A lease is asked for by
 * each purpose that the asker may state and the leasable is there for, and once more by breaking the glass; who may state
 * none asks for none.
 */
export function asksOf(
  inventory: Inventory,
  fits: AppliesTo,
  { askers, actions = POLICY_ACTIONS, resources = resourcesOf(inventory) }: AskSelection,
): readonly Ask[] {
  return actions.flatMap((action) => {
    const { principals, resources: types } = fits(action);
    const able = askers.filter(({ parts }) =>
      parts.every(({ principal }) => principals.includes(principal.type)),
    );
    return able.flatMap((asker) =>
      resources
        .filter((resource) => types.includes(resource.type) && isAsked(inventory, action, resource))
        .flatMap((resource) =>
          isLease(action) ? leaseAsks(inventory, { asker, action, resource }) : [{ asker, action, resource }],
        )
        .map(withThoseApart(inventory)),
    );
  });
}

/**
 * Whether there is such an order at all. No function changes a lease authority, so people are asked nothing about one; and
 * what its target cannot renew is not renewed, whoever may.
 */
export function isAsked(inventory: Inventory, action: PolicyAction, { type, id }: EntityRef): boolean {
  const { leasables, leaseAuthorities } = accessOf(inventory);
  if (type === 'Credential') return action === 'read' || !leaseAuthorities.some(({ name }) => name === id);
  if (action !== 'renew') return true;
  const kind = leasables.find(({ name }) => name === id)?.kind;
  return kind !== undefined && leaseCapabilities(kind)?.renewable === true;
}

/** Which asks are meant. */
export interface AskSelection {
  readonly askers: readonly Asker[];
  readonly actions?: readonly PolicyAction[];
  readonly resources?: readonly EntityRef[];
}

export const isLease = (action: PolicyAction): boolean => action === 'lease' || action === 'renew';

/** What people with fewer roles get of the same, as far as they may state its purpose. */
const withThoseApart =
  (inventory: Inventory) =>
  (ask: Ask): Ask => {
    const { asker, purpose } = ask;
    if (!asker.apart) return ask;
    const able = asker.apart.filter(
      ({ caller }) =>
        purpose === undefined ||
        (caller !== undefined && purposesOf(accessOf(inventory), caller).includes(purpose)),
    );
    return { ...ask, apart: able.map((each) => ({ ...ask, asker: each })) };
  };

/**
 * What is known of every ask of one kind: the times that the broker takes, and that a lease is renewed by nobody's word
 * but its holder's, and never with broken glass.
 */
export function knownOf(inventory: Inventory, action: PolicyAction, { type, id }: EntityRef): Known {
  const leasable = accessOf(inventory).leasables.find(({ name }) => type === 'Leasable' && name === id);
  if (!leasable || !isLease(action)) return {};
  const ttl = ttlLimits(leasable, leaseCapabilities(leasable.kind));
  return { ttl, ...(action === 'renew' ? { approvals: [], breakGlass: false } : {}) };
}

function leaseAsks(inventory: Inventory, ask: Ask): readonly Ask[] {
  const { caller } = ask.asker;
  const purposes = boundPurposes(inventory, caller, ask.resource);
  const glass = ask.action === 'renew' ? [false] : [false, true];
  return purposes.flatMap((purpose) => glass.map((breakGlass) => ({ ...ask, purpose, breakGlass })));
}

/** What a leasable is there for and the inventory lets its asker state. */
export function boundPurposes(
  inventory: Inventory,
  caller: Caller | undefined,
  { id }: EntityRef,
): readonly string[] {
  const access = accessOf(inventory);
  const { purposes = [] } = access.leasables.find(({ name }) => name === id) ?? {};
  return caller ? purposesOf(access, caller).filter((purpose) => purposes.includes(purpose)) : [];
}

/**
 * The same, and whatever a token could give: where no binding speaks of somebody who may come by one, its issuer or an
 * administrator gives purposes that nobody sees here.
 */
export function statedPurposes(
  inventory: Inventory,
  { caller }: Asker,
  resource: EntityRef,
): readonly string[] {
  const { purposes } = accessOf(inventory);
  const claims = { purposes: Object.keys(purposes) };
  return boundPurposes(inventory, caller && withClaims(inventory, caller, claims), resource);
}

/** A caller with the claims that its token could have, where it may come by one. */
function withClaims(inventory: Inventory, caller: Caller, claims: Caller['claims']): Caller {
  const { roles, workloadTokens } = accessOf(inventory);
  const comesByToken =
    caller.is === 'person'
      ? roles.some(({ name, groups }) => caller.roles.includes(name) && groups.length > 0)
      : (ownEntry(workloadTokens, caller.is === 'agent' ? caller.workload : caller.name) ?? []).length > 0;
  const own = comesByToken ? { ...caller, claims } : caller;
  if (own.is !== 'agent' || !own.actingFor) return own;
  const person = withClaims(inventory, own.actingFor, claims);
  return person.is === 'person' ? { ...own, actingFor: person } : own;
}
