import { vaultGrants } from '../../contracts/vault-rights.ts';
import { accessOf, type Role } from '../../core/access/access-inventory.ts';
import type { Caller } from '../../core/access/caller.ts';
import { provesFactor } from '../../core/access/people-of-role.ts';
import type { Inventory } from '../../core/credential.ts';
import type { EntityRef } from '../../core/policy/policy-request.ts';
import type { RoleSet } from './role-sets.ts';

/** One question that policy is asked of an asker. An agent that acts for a person is two, and both have to be answered yes. */
export interface Part {
  readonly principal: EntityRef;
  readonly roles?: readonly string[];
  /** The agent that acts for the person who is asked about. */
  readonly agent?: string;
  /** Whether people of these roles prove a second factor; absent where it is for their token to say. */
  readonly mfa?: boolean;
}

/** Somebody who may ask, as the inventory knows them: a workload, an agent, a role's people, a function of Lockstep. */
export interface Asker {
  /** `workload:rag-api`, `role:on-call`, `agent:helper for role:support`, `function:target-postgres`. */
  readonly name: string;
  readonly parts: readonly [Part, ...Part[]];
  /** As the broker would know it; absent for functions, which ask it nothing. */
  readonly caller?: Caller;
  /** Of people with several roles: those with fewer of them. They are only worth telling where they get something else. */
  readonly apart?: readonly Asker[];
}

/**
 * Everybody who may ask. People are those of one role, and of each of the sets of roles that are given. A workload that
 * runs an agent is never asked about by itself; nor is an agent without the person it acts for.
 */
export function askersOf(inventory: Inventory, sets: readonly RoleSet[] = []): readonly Asker[] {
  const { agents, roles, workloadTokens } = accessOf(inventory);
  const running = new Set(agents.map(({ workload }) => workload));
  const workloads = new Set([
    ...inventory.workloads.map(({ name }) => name),
    ...inventory.credentials.flatMap(({ boundTo }) => boundTo),
    ...Object.keys(workloadTokens),
  ]);
  const people = peopleOf([...roles.map(({ name }) => [name]), ...sets], roles);
  const functions = new Set(vaultGrants(inventory).map((grant) => grant.function));
  return [
    ...[...workloads].filter((name) => !running.has(name)).map(workloadOf),
    ...agents.flatMap(({ name, workload, actsFor }) =>
      actsFor === 'itself'
        ? [agentOf(name, workload)]
        : people.map((person) => agentFor(agentOf(name, workload), name, person)),
    ),
    ...people,
    ...[...functions].map(functionOf),
  ];
}

/** The agents alone, without whom they act for: their ceilings, and what they read as the workload that they run as. */
export const agentsOf = (inventory: Inventory): readonly Asker[] =>
  accessOf(inventory).agents.map(({ name, workload }) => agentOf(name, workload));

/** What a caller of the inventory has that nobody has proved. */
const UNPROVED = { proof: 'token', principal: '', claims: {} } as const;

const workloadOf = (name: string): Asker => ({
  name: `workload:${name}`,
  parts: [{ principal: { type: 'Workload', id: name } }],
  caller: { is: 'workload', name, ...UNPROVED },
});

const agentOf = (name: string, workload: string): Asker => ({
  name: `agent:${name}`,
  parts: [{ principal: { type: 'Agent', id: name } }],
  caller: { is: 'agent', name, workload, ...UNPROVED },
});

/** Anybody of these roles. The name is one that no person has: theirs have an issuer, a directory or an ARN in them. */
function personOf(roles: RoleSet, declared: readonly Role[]): Asker {
  const name = `role:${roles.join('+')}`;
  const mfa = provesFactor(declared.filter((role) => roles.includes(role.name)));
  return {
    name,
    parts: [{ principal: { type: 'Person', id: name }, roles, ...(mfa === undefined ? {} : { mfa }) }],
    caller: { is: 'person', name, roles, mfa: false, ...UNPROVED },
  };
}

/** People by their roles, smaller sets first. */
function peopleOf(sets: readonly RoleSet[], roles: readonly Role[]): readonly Asker[] {
  const people: (readonly [RoleSet, Asker])[] = [];
  for (const set of sets.toSorted((one, other) => one.length - other.length)) {
    const apart = people
      .filter(([fewer]) => fewer.length < set.length && fewer.every((role) => set.includes(role)))
      .map(([, asker]) => asker);
    people.push([set, { ...personOf(set, roles), ...(apart.length === 0 ? {} : { apart }) }]);
  }
  return people.map(([, asker]) => asker);
}

const functionOf = (name: string): Asker => ({
  name: `function:${name}`,
  parts: [{ principal: { type: 'Function', id: name } }],
});

function agentFor(agent: Asker, id: string, person: Asker): Asker {
  const { caller } = agent;
  const actingFor = person.caller?.is === 'person' ? person.caller : undefined;
  return {
    name: `${agent.name} for ${person.name}`,
    parts: [...agent.parts, ...person.parts.map((part) => ({ ...part, agent: id }))],
    ...(caller?.is === 'agent' && actingFor ? { caller: { ...caller, actingFor } } : {}),
    ...(person.apart ? { apart: person.apart.map((each) => agentFor(agent, id, each)) } : {}),
  };
}

/** Somebody whose person has one role more; `undefined` where there is no person. */
export function withRole(inventory: Inventory, asker: Asker, role: string): Asker | undefined {
  const { roles: declared } = accessOf(inventory);
  const roles = asker.parts.find(({ principal }) => principal.type === 'Person')?.roles;
  if (!roles || roles.includes(role)) return undefined;
  const person = personOf([...roles, role].sort(), declared);
  const { caller } = asker;
  return caller?.is === 'agent'
    ? agentFor(agentOf(caller.name, caller.workload), caller.name, person)
    : person;
}

/**
 * Those that a name means: the whole one, or the part behind the colon where only one principal has it; an agent with
 * everybody that it may act for. `undefined` where it means nobody, or several.
 */
export function askersNamed(
  inventory: Inventory,
  name: string,
  sets: readonly RoleSet[] = [],
): readonly Asker[] | undefined {
  const meant = askersOf(inventory, sets).filter((asker) => {
    const [first = ''] = asker.name.split(' ');
    return first === name || first.slice(first.indexOf(':') + 1) === name || asker.name === name;
  });
  const kinds = new Set(meant.map(({ parts: [{ principal }] }) => principal.type));
  return kinds.size === 1 ? meant : undefined;
}

/** Every principal's whole name. */
export const principalNames = (inventory: Inventory): readonly string[] => [
  ...new Set([...askersOf(inventory), ...agentsOf(inventory)].map(({ name }) => name.split(' ')[0] ?? '')),
];
