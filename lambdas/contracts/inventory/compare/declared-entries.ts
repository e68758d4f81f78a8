import { accessOf, type AccessInventory } from '../../../core/access/access-inventory.ts';
import type { Credential, Inventory } from '../../../core/credential.ts';

/** A value of the resolved inventory, as JSON has it. */
export type Declared =
  string | number | boolean | null | readonly Declared[] | { readonly [field: string]: Declared };

/** What is declared of one name. */
export type Fields = Readonly<Record<string, Declared>>;

/** What a reader looks for, in the order in which it is told. */
export const PARTS = [
  'who-is-who',
  'what-a-lease-gives',
  'what-a-credential-is',
  'what-a-check-allows',
] as const;
/** One of them. */
export type Part = (typeof PARTS)[number];

/** One name of the inventory: where the file has it, and all that is declared of it. */
export interface DeclaredEntry {
  readonly part: Part;
  /** As `roles.on-call`. */
  readonly entry: string;
  readonly fields: Fields;
}

/** What is not compared, and why. All else is, and what the schema gets in times to come. */
export const LEFT_OUT = {
  inventory: {
    environment: 'each environment is compared with itself',
    digest: 'follows from all else',
    cadence: 'says when something rotates, and not who may have it',
    freezes: 'says when nothing rotates, and not who may have it',
  },
  credential: {
    rotateEverySeconds: 'says when it rotates, and not who may have it',
    retire: 'says when its predecessor goes, and not who may have it',
  },
} as const satisfies {
  readonly inventory: Partial<Record<keyof Inventory, string>>;
  readonly credential: Partial<Record<keyof Credential, string>>;
};

interface Section<T> {
  readonly part: Part;
  readonly entriesOf: (declared: T) => readonly (readonly [entry: string, fields: object])[];
}

/** Every field of `T` has to be here: a new one does not compile before somebody has said what it is. */
type Sections<T> = { readonly [K in keyof T]-?: Section<NonNullable<T[K]>> };

const byName =
  (under: string) =>
  (all: readonly { readonly name: string }[]): readonly (readonly [string, object])[] =>
    all.map(({ name, ...fields }) => [`${under}.${name}`, fields]);

const ofNames =
  <T>(under: string, field: string) =>
  (all: Readonly<Record<string, T>>): readonly (readonly [string, object])[] =>
    Object.entries(all).map(([name, value]) => [`${under}.${name}`, { [field]: value }]);

const OF_INVENTORY: Sections<Omit<Inventory, keyof typeof LEFT_OUT.inventory | 'access'>> = {
  workloads: { part: 'who-is-who', entriesOf: byName('workloads') },
  credentials: {
    part: 'what-a-credential-is',
    entriesOf: (all) => byName('credentials')(all.map((each) => without(each, LEFT_OUT.credential))),
  },
};

const OF_ACCESS: Sections<AccessInventory> = {
  issuers: { part: 'who-is-who', entriesOf: byName('issuers') },
  workloadTokens: { part: 'who-is-who', entriesOf: ofNames('workloads', 'tokens') },
  workloadOwners: { part: 'who-is-who', entriesOf: ofNames('workloads', 'owner') },
  roles: { part: 'who-is-who', entriesOf: byName('roles') },
  agents: { part: 'who-is-who', entriesOf: byName('agents') },
  purposes: { part: 'who-is-who', entriesOf: ofNames('purposes', 'meaning') },
  // The file has it the other way round. Whose right it is stands here: `role:on-call` is `roles.on-call`.
  purposeBindings: {
    part: 'who-is-who',
    entriesOf: (all) => all.map(({ principal, ...fields }) => [principal.replace(':', 's.'), fields]),
  },
  tiers: { part: 'what-a-credential-is', entriesOf: ofNames('credentials', 'tier') },
  leaseAuthorities: { part: 'what-a-lease-gives', entriesOf: byName('leaseAuthorities') },
  leasables: { part: 'what-a-lease-gives', entriesOf: byName('leases') },
  blastRadius: { part: 'what-a-check-allows', entriesOf: (fields) => [['blastRadius', fields]] },
};

/** Every name of an inventory with all that is declared of it but `LEFT_OUT`, by `entry`. */
export function declaredEntries(inventory: Inventory): ReadonlyMap<string, DeclaredEntry> {
  const found = new Map<string, DeclaredEntry>();
  for (const [section, part, entry, fields] of [
    ...sectionsOf(inventory, OF_INVENTORY),
    ...sectionsOf(accessOf(inventory), OF_ACCESS),
  ]) {
    const known = found.get(entry);
    found.set(entry, {
      part: known?.part ?? part,
      entry,
      fields: beside(known?.fields ?? {}, fields, section),
    });
  }
  return found;
}

function sectionsOf<T extends object>(
  declared: T,
  sections: Sections<T>,
): readonly (readonly [section: string, part: Part, entry: string, fields: Fields])[] {
  return (Object.keys(sections) as (keyof T & string)[]).flatMap((section) => {
    const { part, entriesOf } = sections[section];
    const value = declared[section];
    if (value === undefined || value === null) return [];
    return entriesOf(value).map(([entry, fields]) => [section, part, entry, plain(fields)] as const);
  });
}

/** Fields of two sections that say something of one name. What both call alike keeps the name of its section. */
const beside = (known: Fields, fields: Fields, section: string): Fields => ({
  ...known,
  ...Object.fromEntries(
    Object.entries(fields).map(([field, value]) => [
      Object.hasOwn(known, field) ? `${section}.${field}` : field,
      value,
    ]),
  ),
});

/** As it survives JSON: what is `undefined` is not there. */
const plain = (fields: object): Fields => JSON.parse(JSON.stringify(fields)) as Fields;

const without = <T extends object>(whole: T, fields: Readonly<Partial<Record<keyof T, string>>>): T =>
  Object.fromEntries(Object.entries(whole).filter(([field]) => !Object.hasOwn(fields, field))) as T;
