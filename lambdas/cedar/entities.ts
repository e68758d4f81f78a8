import type { CedarValueJson } from '@cedar-policy/cedar-wasm/nodejs';
import { vaultGrants } from '../contracts/vault-rights.ts';
import { NO_ACCESS, type AccessInventory, type Tier } from '../core/access/access-inventory.ts';
import { secretName, type Inventory } from '../core/credential.ts';
import { ownEntry } from '../core/own-entry.ts';
import type { EntityRef } from '../core/policy/policy-request.ts';
import { entityValue, extensionValue, uidKey, uidOf, type CedarUid } from './cedar-words.ts';

/** An entity as Cedar's JSON has it. */
export interface CedarEntity {
  readonly uid: CedarUid;
  readonly attrs: Readonly<Record<string, CedarValueJson>>;
  /** Never changed; the engine's types have no word for that. */
  readonly parents: CedarUid[];
}

/** Every entity of an inventory, by `uidKey`. People are none of them: nobody knows them before they ask. */
export type Entities = ReadonlyMap<string, CedarEntity>;

/** The entities that policies speak of, made from the inventory of one environment. */
export function entitiesOf(inventory: Inventory): Entities {
  const access = inventory.access ?? NO_ACCESS;
  const all = [
    entity({ type: 'Environment', id: inventory.environment }),
    ...teamsOf(inventory, access).map((id) => entity({ type: 'Team', id })),
    ...access.roles.map(({ name, owner }) => entity({ type: 'Role', id: name }, {}, teams(owner))),
    ...workloadNames(inventory, access).map((id) =>
      entity({ type: 'Workload', id }, {}, teams(ownEntry(access.workloadOwners, id))),
    ),
    ...access.agents.map(({ name, owner, workload, actsFor }) =>
      entity(
        { type: 'Agent', id: name },
        {
          workload: entityValue({ type: 'Workload', id: workload }),
          actsForItself: actsFor === 'itself',
        },
        teams(owner),
      ),
    ),
    ...functionsOf(inventory).map((id) => entity({ type: 'Function', id })),
    ...credentialEntities(inventory, access),
    ...leasableEntities(inventory, access),
  ];
  const classes = new Map(
    all.flatMap(({ parents }) =>
      parents.filter(({ type }) => type === uidOf(CLASS).type).map((uid) => [uidKey(uid), uid] as const),
    ),
  );
  const withClasses = [...all, ...[...classes.values()].map((uid) => ({ uid, attrs: {}, parents: [] }))];
  return new Map(withClasses.map((each) => [uidKey(each.uid), each]));
}

const CLASS: EntityRef = { type: 'Class', id: '' };

const entity = (
  ref: EntityRef,
  attrs: CedarEntity['attrs'] = {},
  parents: readonly EntityRef[] = [],
): CedarEntity => ({ uid: uidOf(ref), attrs, parents: parents.map(uidOf) });

const teams = (owner: string | undefined): readonly EntityRef[] =>
  owner === undefined ? [] : [{ type: 'Team', id: owner }];

const distinct = (names: readonly string[]): readonly string[] => [...new Set(names)];

const teamsOf = ({ credentials }: Inventory, access: AccessInventory): readonly string[] =>
  distinct([
    ...credentials.map(({ owner }) => owner),
    ...Object.values(access.workloadOwners),
    ...[...access.roles, ...access.agents, ...access.leasables, ...access.leaseAuthorities].flatMap(
      ({ owner }) => owner ?? [],
    ),
  ]);

/** Workloads with a role, and those that only tokens name. */
const workloadNames = ({ workloads, credentials }: Inventory, access: AccessInventory): readonly string[] =>
  distinct([
    ...workloads.map(({ name }) => name),
    ...credentials.flatMap(({ boundTo }) => boundTo),
    ...Object.keys(access.workloadTokens),
    ...access.agents.map(({ workload }) => workload),
  ]);

const functionsOf = (inventory: Inventory): readonly string[] =>
  distinct(vaultGrants(inventory).map((grant) => grant.function));

const classes = (kind: string, tier: Tier, isAuthority: boolean): readonly EntityRef[] => [
  { type: 'Class', id: `kind:${kind}` },
  { type: 'Class', id: `tier:${tier}` },
  ...(isAuthority ? [{ type: 'Class', id: 'authorities' } as const] : []),
];

/** What one secret of the vault is as an entity, whatever declares it. */
interface Kept {
  readonly name: string;
  readonly kind: string;
  readonly owner: string;
  readonly tier: Tier;
  readonly boundTo: readonly string[];
  readonly isAuthority: boolean;
}

function credentialEntities(inventory: Inventory, access: AccessInventory): readonly CedarEntity[] {
  const authorities = new Set(inventory.credentials.flatMap(({ authority }) => authority ?? []));
  const kept: readonly Kept[] = [
    ...inventory.credentials.map(({ name, kind, owner, boundTo }) => ({
      name,
      kind,
      owner,
      boundTo,
      tier: ownEntry(access.tiers, name) ?? (authorities.has(name) ? 0 : 1),
      isAuthority: authorities.has(name),
    })),
    ...access.leaseAuthorities.map(({ name, kind, owner }) => ({
      name,
      kind,
      owner,
      boundTo: [],
      tier: 0 as const,
      isAuthority: true,
    })),
  ];
  return kept.map((each) => credentialEntity(inventory, each));
}

function credentialEntity(
  inventory: Inventory,
  { name, kind, owner, tier, boundTo, isAuthority }: Kept,
): CedarEntity {
  const grants = vaultGrants(inventory).filter(
    ({ secret }) => secret === secretName(inventory.environment, name),
  );
  const functionsWith = (right: 'GetSecretValue' | 'RotateSecret') =>
    grants
      .filter(({ rights }) => rights.includes(right))
      .map((grant) => entityValue({ type: 'Function', id: grant.function }));
  return entity(
    { type: 'Credential', id: name },
    {
      environment: entityValue({ type: 'Environment', id: inventory.environment }),
      owner: entityValue({ type: 'Team', id: owner }),
      tier,
      kind,
      boundTo: boundTo.map((id) => entityValue({ type: 'Workload', id })),
      readers: functionsWith('GetSecretValue'),
      rotators: functionsWith('RotateSecret'),
    },
    classes(kind, tier, isAuthority),
  );
}

const leasableEntities = ({ environment }: Inventory, access: AccessInventory): readonly CedarEntity[] =>
  access.leasables.map(({ name, kind, owner, tier, purposes, ttl, standsFor }) =>
    entity(
      { type: 'Leasable', id: name },
      {
        environment: entityValue({ type: 'Environment', id: environment }),
        owner: entityValue({ type: 'Team', id: owner }),
        tier,
        kind,
        purposes: [...purposes],
        maximum: extensionValue('duration', `${ttl.maximumSeconds}s`),
        ...(standsFor === undefined ? {} : { standsFor: entityValue({ type: 'Credential', id: standsFor }) }),
      },
      classes(kind, tier, false),
    ),
  );
