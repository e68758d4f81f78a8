import { LOCAL } from '../../../contracts/inventory/local-world.ts';
import type { Problem } from '../../../contracts/inventory/problem.ts';
import { meant } from '../../../contracts/inventory/nearest.ts';
import { CREDENTIAL_KINDS, LEASER_KINDS } from '../../../contracts/kinds.ts';
import type { Inventory } from '../../../core/credential.ts';
import { typeOf, uidKey, uidOf, type CedarUid } from '../../cedar-words.ts';
import { entitiesOf } from '../../entities.ts';
import type { PolicyBundle } from '../../policy-bundle.ts';
import { policyJsons } from '../../policy-heads.ts';
import { said } from '../../said.ts';
import { uidsIn } from '../named-uids.ts';

/**
 * Names that no environment of the inventory has. A permit for a misspelt name gives nothing, which somebody notices; a
 * forbid for one stops nothing, which nobody does.
 */
export function unknownNames(bundle: PolicyBundle, inventories: readonly Inventory[]): readonly Problem[] {
  const known = knownUids(inventories);
  return [...policyJsons(bundle)].flatMap(([id, json]) =>
    uidsIn(json)
      .filter((uid) => !isAsked(uid) && !known.has(uidKey(uid)))
      .map((uid) => {
        const path = `${bundle.policies[id]?.file ?? 'policies'}: ${id}`;
        return typeOf(uid) === 'Person' ? somebody(path, uid) : unknownName(path, uid, known);
      }),
  );
}

/** Actions are the schema's, which validation compares. */
const isAsked = (uid: CedarUid): boolean => {
  const type = typeOf(uid);
  return type === undefined || type === 'Action';
};

function knownUids(inventories: readonly Inventory[]): ReadonlyMap<string, CedarUid> {
  const standing = [
    uidOf({ type: 'Environment', id: LOCAL }),
    ...['tier:0', 'tier:1', 'tier:2', 'authorities', ...kinds()].map((id) => uidOf({ type: 'Class', id })),
  ];
  const declared = inventories.flatMap((each) => [...entitiesOf(each).values()].map(({ uid }) => uid));
  return new Map([...standing, ...declared].map((uid) => [uidKey(uid), uid]));
}

/** A guard may speak of a kind before anything of that kind is declared. */
const kinds = (): readonly string[] =>
  [...CREDENTIAL_KINDS, ...LEASER_KINDS].map(({ name }) => `kind:${name}`);

/**
 * The inventory knows no people: whatever a policy gives to one of them by name, no overview and no comparison shows. They
 * come through roles, which both do show.
 */
const somebody = (path: string, { id }: CedarUid): Problem => ({
  path,
  found: `the person ${said(id)}, by name`,
  allowed:
    'people by the roles that they have: what one person is given by name, who-can and policy diff cannot see',
  mend: 'declare a role that this person has, in roles, and name that',
});

function unknownName(path: string, uid: CedarUid, known: ReadonlyMap<string, CedarUid>): Problem {
  const type = typeOf(uid) ?? uid.type;
  const ids = [...known.values()].filter((each) => each.type === uid.type).map(({ id }) => id);
  return {
    path,
    found: `${type} ${said(uid.id)}, which the inventory has in no environment`,
    allowed: `the names of the inventory; of this type: ${ids.sort().slice(0, 12).map(said).join(', ') || 'none'}`,
    mend: meant(uid.id, ids, 'declare it, or take it out of the policy'),
  };
}
