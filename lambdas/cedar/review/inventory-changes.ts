import { accessOf, type PurposeBinding } from '../../core/access/access-inventory.ts';
import type { Caller } from '../../core/access/caller.ts';
import type { Inventory } from '../../core/credential.ts';
import { ownEntry } from '../../core/own-entry.ts';
import { withRole, type Asker } from './askers.ts';
import { boundPurposes, isLease } from './asks-of.ts';
import { factorOf, type ExplainedRequest } from './broker-answer.ts';
import type { Change } from './smallest-changes.ts';

/** What would have to stand in the inventory, and with which circumstances it is granted then. */
export interface InventoryChange {
  readonly inventory: readonly string[];
  readonly circumstances: readonly Change[];
}

/** Another inventory; whether policy knows the same of it, which knows nothing of purposes of callers. */
export interface OtherInventory {
  readonly inventory: Inventory;
  readonly isSameForPolicy: boolean;
}

/** Looks whether a request is granted there, and with which changes of its circumstances: none where never. */
export type Tried = (over: OtherInventory, request: ExplainedRequest) => readonly (readonly Change[])[];

interface World extends OtherInventory {
  readonly request: ExplainedRequest;
  readonly said: readonly string[];
}

/** One change of the inventory; `undefined` where there is nothing to change. */
type Step = (world: World) => World | undefined;

/**
 * Changes of the inventory that give what no circumstances give: a purpose for whoever asks, a binding to a credential, a
 * further role, another team, a second factor that the role's trust policy demands. Single ones, and where none does, two together. Each was tried.
 */
export function inventoryChanges(
  inventory: Inventory,
  request: ExplainedRequest,
  tried: Tried,
): readonly InventoryChange[] {
  const start: World = { inventory, isSameForPolicy: true, request, said: [] };
  const { purposes, others } = stepsFor(inventory, request);
  const granted = (worlds: readonly (World | undefined)[]): readonly InventoryChange[] =>
    worlds.flatMap((world) => {
      const [circumstances] = world ? tried(world, world.request) : [];
      return world && circumstances ? [{ inventory: world.said, circumstances }] : [];
    });
  const found = granted([...purposes, ...others].map((step) => step(start)));
  if (found.length > 0) return found;
  return granted(
    purposes.flatMap((bind) =>
      others.map((step) => {
        const other = step(start);
        return other && bind(other);
      }),
    ),
  );
}

interface Steps {
  readonly purposes: readonly Step[];
  readonly others: readonly Step[];
}

function stepsFor(inventory: Inventory, { asker, action, resource }: ExplainedRequest): Steps {
  const { caller } = asker;
  if (!caller) return { purposes: [], others: [] };
  const { leasables, roles } = accessOf(inventory);
  const leasable = leasables.find(({ name }) => resource.type === 'Leasable' && name === resource.id);
  return {
    purposes: isLease(action) && leasable ? leasable.purposes.map(bindPurpose) : [],
    others: [
      ...(action === 'read' ? [bindWorkload(caller)] : []),
      ...(leasable ? [joinTeam(caller, leasable.owner)] : []),
      ...roles.map(({ name }) => takeRole(name)),
      proveFactor,
    ],
  };
}

/** Lets whoever asks, and whom it acts for, state a purpose. */
const bindPurpose =
  (purpose: string): Step =>
  ({ inventory, request, said, isSameForPolicy }) => {
    const { caller } = request.asker;
    if (boundPurposes(inventory, caller, request.resource).includes(purpose)) return undefined;
    const missing = principalsOf(caller).filter(
      (each) =>
        !bindingsOf(inventory).some(
          ({ principal, purposes }) => each === principal && purposes.includes(purpose),
        ),
    );
    const bindings = [
      ...bindingsOf(inventory),
      ...missing.map((principal) => ({ principal, purposes: [purpose] })),
    ];
    return {
      inventory: { ...inventory, access: { ...accessOf(inventory), purposeBindings: bindings } },
      isSameForPolicy,
      request: { ...request, circumstances: { ...request.circumstances, purpose } },
      said: [...said, ...missing.map((principal) => `purposes.${purpose} names ${principal}`)],
    };
  };

const bindingsOf = (inventory: Inventory): readonly PurposeBinding[] => accessOf(inventory).purposeBindings;

/** As bindings name them. One role of a person is enough. */
function principalsOf(caller: Caller | undefined): readonly string[] {
  if (!caller) return [];
  if (caller.is === 'person') return caller.roles.slice(0, 1).map((role) => `role:${role}`);
  const behind = caller.is === 'agent' ? principalsOf(caller.actingFor) : [];
  return [`${caller.is}:${caller.name}`, ...behind];
}

/** Lets a workload, or the one that an agent runs as, read a credential. */
const bindWorkload =
  (caller: Caller): Step =>
  ({ inventory, request, said }) => {
    const workload = caller.is === 'agent' ? caller.workload : caller.name;
    const { id } = request.resource;
    const bound = inventory.credentials.find(({ name }) => name === id)?.boundTo;
    if (caller.is === 'person' || !bound || bound.includes(workload)) return undefined;
    const credentials = inventory.credentials.map((each) =>
      each.name === id ? { ...each, boundTo: [...bound, workload] } : each,
    );
    return {
      inventory: { ...inventory, credentials },
      isSameForPolicy: false,
      request,
      said: [...said, `credentials.${id}.boundTo names ${workload}`],
    };
  };

/** Gives a workload or an agent to the team that owns what it asks for. */
const joinTeam =
  (caller: Caller, owner: string): Step =>
  ({ inventory, request, said }) => {
    const access = accessOf(inventory);
    if (caller.is === 'person' || teamOf(inventory, caller) === owner) return undefined;
    const other =
      caller.is === 'workload'
        ? { ...access, workloadOwners: { ...access.workloadOwners, [caller.name]: owner } }
        : {
            ...access,
            agents: access.agents.map((each) => (each.name === caller.name ? { ...each, owner } : each)),
          };
    return {
      inventory: { ...inventory, access: other },
      isSameForPolicy: false,
      request,
      said: [...said, `${caller.is}s.${caller.name}.owner is ${owner}`],
    };
  };

const teamOf = (inventory: Inventory, { is, name }: Caller): string | undefined =>
  is === 'agent'
    ? accessOf(inventory).agents.find((each) => each.name === name)?.owner
    : ownEntry(accessOf(inventory).workloadOwners, name);

/** Gives the person another role besides. */
const takeRole =
  (role: string): Step =>
  ({ inventory, isSameForPolicy, request, said }) => {
    const asker = withRole(inventory, request.asker, role);
    return (
      asker && {
        inventory,
        isSameForPolicy,
        request: { ...request, asker },
        said: [...said, `somebody who has the role ${role} besides`],
      }
    );
  };

/** Says of the roles of a person that nobody has them without a second factor. */
const proveFactor: Step = ({ inventory, isSameForPolicy, request, said }) => {
  const { asker } = request;
  const { caller } = asker;
  const person = caller?.is === 'agent' ? caller.actingFor : caller?.is === 'person' ? caller : undefined;
  if (!person || factorOf(asker) !== false) return undefined;
  const prove = (part: Asker['parts'][0]): Asker['parts'][0] =>
    part.mfa === false ? { ...part, mfa: true } : part;
  const [first, ...others] = asker.parts;
  const parts = [prove(first), ...others.map(prove)] as const;
  return {
    inventory,
    isSameForPolicy,
    request: { ...request, asker: { ...asker, parts } },
    said: [...said, ...person.roles.map((role) => `roles.${role}.secondFactorProved is true, where it is`)],
  };
};
