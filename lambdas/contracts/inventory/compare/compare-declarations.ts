import type { Inventory } from '../../../core/credential.ts';
import { canonicalJson } from '../../../core/digest.ts';
import { ownEntry } from '../../../core/own-entry.ts';
import { declaredEntries, PARTS, type Declared, type DeclaredEntry, type Part } from './declared-entries.ts';

/** Something of one name of the inventory that another version declares otherwise. */
export interface DeclarationChange {
  readonly environments: readonly string[];
  readonly part: Part;
  /** As `roles.on-call`. */
  readonly entry: string;
  /** Within the entry, as `egress[0].host`; empty where the whole of it is new or gone. */
  readonly field: string;
  /** Absent: nothing was declared. */
  readonly before?: Declared;
  /** Absent: nothing is declared. */
  readonly after?: Declared;
}

/**
 * Everything that two versions declare otherwise, of who somebody is and what something gives: what a name stands for can
 * change while every decision about the name stays. Compared field by field, whatever the fields are; what is left out is
 * `LEFT_OUT` and nothing else.
 */
export function compareDeclarations(
  before: readonly Inventory[],
  after: readonly Inventory[],
): readonly DeclarationChange[] {
  const environments = [...new Set([...after, ...before].map(({ environment }) => environment))];
  const changes = environments.flatMap((environment) =>
    ofOneEnvironment(entriesIn(before, environment), entriesIn(after, environment)).map((change) => ({
      environment,
      ...change,
    })),
  );
  return inOrder(byEnvironments(changes));
}

type Entries = ReadonlyMap<string, DeclaredEntry>;

function entriesIn(inventories: readonly Inventory[], environment: string): Entries {
  const found = inventories.find((inventory) => inventory.environment === environment);
  return found ? declaredEntries(found) : new Map();
}

type Change = Omit<DeclarationChange, 'environments'>;

const ofOneEnvironment = (before: Entries, after: Entries): readonly Change[] =>
  [...new Map([...after, ...before]).values()].flatMap(({ part, entry }) =>
    compareFields('', before.get(entry)?.fields, after.get(entry)?.fields).map((change) => ({
      part,
      entry,
      ...change,
    })),
  );

type FieldChange = Pick<DeclarationChange, 'field' | 'before' | 'after'>;

function compareFields(
  field: string,
  before: Declared | undefined,
  after: Declared | undefined,
): readonly FieldChange[] {
  if (same(before, after)) return [];
  if (isObject(before) && isObject(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
      compareFields(fieldIn(field, key), ownEntry(before, key), ownEntry(after, key)),
    );
  if (isListOfThings(before) && isListOfThings(after)) {
    const changes = compareItems(field, before, after);
    if (changes.length > 0) return changes;
    // In another order, which may mean something.
  }
  return [{ field, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
}

/** What both lists have stays out, wherever it stands; of the rest each is compared with the one that took its turn. */
function compareItems(
  field: string,
  before: readonly Declared[],
  after: readonly Declared[],
): readonly FieldChange[] {
  const gone = notIn(before, after);
  const come = notIn(after, before);
  return Array.from({ length: Math.max(gone.length, come.length) }, (_, turn) => {
    const [old, now] = [gone[turn], come[turn]];
    return compareFields(`${field}[${now?.position ?? old?.position ?? 0}]`, old?.item, now?.item);
  }).flat();
}

interface Item {
  readonly item: Declared;
  readonly position: number;
}

/** The items that the other list does not have, or has not as often. */
function notIn(list: readonly Declared[], other: readonly Declared[]): readonly Item[] {
  const left = other.map(canonicalJson);
  return list.flatMap((item, position) => {
    const at = left.indexOf(canonicalJson(item));
    if (at < 0) return [{ item, position }];
    left.splice(at, 1);
    return [];
  });
}

const same = (one: Declared | undefined, other: Declared | undefined): boolean =>
  one === other || (one !== undefined && other !== undefined && canonicalJson(one) === canonicalJson(other));

/** Where something stands: `claims.groups`, and `claims["a.b"]` where the name would be taken for a way. */
export const fieldIn = (field: string, key: string): string => {
  if (!/^[\w-]+$/.test(key)) return `${field}[${JSON.stringify(key)}]`;
  return field === '' ? key : `${field}.${key}`;
};

/** Whether a value has fields of its own. */
export const isObject = (value: Declared | undefined): value is { readonly [field: string]: Declared } =>
  typeof value === 'object' && value !== null && !isList(value);

/** Whether a value is a list. */
export const isList = (value: Declared | undefined): value is readonly Declared[] => Array.isArray(value);

/** A list whose items have fields of their own; of texts and numbers the whole list is the value. */
const isListOfThings = (value: Declared | undefined): value is readonly Declared[] =>
  isList(value) && value.some((item) => typeof item === 'object' && item !== null);

/** The same change of several environments is one. */
function byEnvironments(
  changes: readonly (Change & { readonly environment: string })[],
): readonly DeclarationChange[] {
  const groups = new Map<string, { readonly change: Change; readonly environments: string[] }>();
  for (const { environment, ...change } of changes) {
    const key = canonicalJson(change);
    const known = groups.get(key);
    if (known) known.environments.push(environment);
    else groups.set(key, { change, environments: [environment] });
  }
  return [...groups.values()].map(({ change, environments }) => ({ environments, ...change }));
}

/** By parts; what is of one entry, and of the same environments, stands together. */
function inOrder(changes: readonly DeclarationChange[]): readonly DeclarationChange[] {
  const firsts = new Map<string, number>();
  const placeOf = ({ part, entry, environments }: DeclarationChange): string =>
    JSON.stringify([PARTS.indexOf(part), entry, environments]);
  const entries = [...new Set(changes.map(({ entry }) => entry))];
  for (const change of changes) firsts.set(placeOf(change), firsts.get(placeOf(change)) ?? firsts.size);
  return changes.toSorted(
    (a, b) =>
      PARTS.indexOf(a.part) - PARTS.indexOf(b.part) ||
      entries.indexOf(a.entry) - entries.indexOf(b.entry) ||
      (firsts.get(placeOf(a)) ?? 0) - (firsts.get(placeOf(b)) ?? 0),
  );
}
