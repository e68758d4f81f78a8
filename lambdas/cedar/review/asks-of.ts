import { schemaToJson } from '../cedar-wasm.ts';
import { accessOf } from '../../core/access/access-inventory.ts';
import { purposesOf } from '../../core/access/purposes.ts';
import type { Inventory } from '../../core/credential.ts';
import {
  POLICY_ACTIONS,
  type EntityRef,
  type EntityType,
  type PolicyAction,
} from '../../core/policy/policy-request.ts';
import type { Asker } from './askers.ts';

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
        .filter(({ type }) => types.includes(type))
        .flatMap((resource) =>
          isLease(action) ? leaseAsks(inventory, { asker, action, resource }) : [{ asker, action, resource }],
        )
        .map(withThoseApart(inventory)),
    );
  });
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

function leaseAsks(inventory: Inventory, ask: Ask): readonly Ask[] {
  const access = accessOf(inventory);
  const { purposes = [] } = access.leasables.find(({ name }) => name === ask.resource.id) ?? {};
  const { caller } = ask.asker;
  const allowed = caller ? purposesOf(access, caller) : [];
  return allowed
    .filter((purpose) => purposes.includes(purpose))
    .flatMap((purpose) => [false, true].map((breakGlass) => ({ ...ask, purpose, breakGlass })));
}
