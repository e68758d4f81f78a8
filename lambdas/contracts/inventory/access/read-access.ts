import { leaserKind } from '../../kinds.ts';
import { LOCAL } from '../local-world.ts';
import { Tier, blastRadiusShape } from './access-shapes.ts';
import type { Path } from '../problem.ts';
import { ownField, readField, readFields, readObject, refuseOthers, type RawObject } from '../read-fields.ts';
import type { Reading } from '../reading.ts';
import type { DraftAccess } from './draft-access.ts';
import { readAgent, readIssuer, readPurpose, readRole, readWorkloadAccess } from './read-identities.ts';
import { readLease, readLeaseAuthority } from './read-lease.ts';

/** Maps of the file that concern access alone. Each may be left out. */
export const ACCESS_MAPS = ['issuers', 'roles', 'agents', 'purposes', 'leaseAuthorities', 'leases'] as const;

/** Every section of the file that concerns access alone. */
export const ACCESS_SECTIONS = [...ACCESS_MAPS, 'blastRadius'] as const;

interface Sources {
  readonly raw: RawObject;
  readonly workloads: RawObject;
  readonly credentials: RawObject;
}

/** Reads everything of access, for one environment. */
export function readAccess({ raw, workloads, credentials }: Sources, reading: Reading): DraftAccess {
  const { report } = reading;
  const maps = Object.fromEntries(
    ACCESS_MAPS.map((section) => {
      const given = ownField(raw, section);
      const read =
        given === undefined ? {} : readObject(given, [section], `a map from names to ${section}`, report);
      return [section, read ?? {}];
    }),
  ) as Readonly<Record<(typeof ACCESS_MAPS)[number], RawObject>>;
  const each = <T>(
    section: (typeof ACCESS_MAPS)[number],
    read: (name: string, given: unknown, at: Path, reading: Reading) => T | undefined,
  ): readonly T[] =>
    Object.entries(maps[section]).flatMap(
      ([name, value]) => read(name, value, [section, name], reading) ?? [],
    );
  const served = <T>(section: 'leases' | 'leaseAuthorities', read: Parameters<typeof each<T>>[1]) =>
    each<T>(section, (name, value, at, as) => {
      if (unservedKind(value, as) === undefined) return read(name, value, at, as);
      // What is wrong with it in the file is wrong all the same; only what the world would give is not missed.
      read(name, value, at, { ...as, world: undefined });
      return undefined;
    });
  const byWorkload = Object.entries(workloads).map(([name, value]) =>
    readWorkloadAccess(name, value, ['workloads', name], reading),
  );
  const tiers = readTiers(credentials, reading);
  return {
    isDeclared: isDeclared({ raw, workloads, credentials }),
    names: {
      issuers: namesOf(maps.issuers),
      roles: namesOf(maps.roles),
      agents: namesOf(maps.agents),
      purposes: namesOf(maps.purposes),
      leaseAuthorities: namesOf(maps.leaseAuthorities),
      leases: namesOf(maps.leases),
    },
    issuers: each('issuers', readIssuer),
    tokens: byWorkload.flatMap(({ tokens }) => tokens),
    workloadOwners: byWorkload.flatMap(({ workloadOwners }) => workloadOwners),
    roles: each('roles', readRole),
    agents: each('agents', readAgent),
    purposes: each('purposes', readPurpose),
    leaseAuthorities: served('leaseAuthorities', readLeaseAuthority),
    leases: served('leases', readLease),
    leftOut: Object.entries(maps.leases).flatMap(([name, value]) => {
      const kind = unservedKind(value, reading);
      return kind === undefined ? [] : [{ name, kind }];
    }),
    tiers,
    blastRadiusPerPrincipal: readBlastRadius(ownField(raw, 'blastRadius'), reading),
  };
}

/** The kind of a lease, or of what makes one, that the embedded world has no target for; `undefined` outside of it. */
function unservedKind(given: unknown, { environment, world }: Reading): string | undefined {
  if (environment !== LOCAL || world?.leaseKinds === undefined) return undefined;
  const written = typeof given === 'object' && given !== null && 'kind' in given ? given.kind : undefined;
  const kind = typeof written === 'string' ? leaserKind(written) : undefined;
  return kind === undefined || world.leaseKinds.includes(kind.name) ? undefined : kind.name;
}

const namesOf = (section: RawObject): ReadonlySet<string> => new Set(Object.keys(section));

/** Whether the file says anything of access at all. Where it does not, nothing of it exists. */
function isDeclared({ raw, workloads, credentials }: Sources): boolean {
  const has = (of: RawObject, ...fields: readonly string[]): boolean =>
    Object.values(of).some(
      (entry) =>
        typeof entry === 'object' && entry !== null && fields.some((field) => Object.hasOwn(entry, field)),
    );
  return (
    ACCESS_SECTIONS.some((section) => ownField(raw, section) !== undefined) ||
    has(workloads, 'tokens', 'owner') ||
    has(credentials, 'tier')
  );
}

function readTiers(credentials: RawObject, { report }: Reading): DraftAccess['tiers'] {
  const read = Object.entries(credentials).flatMap(([name, value]) => {
    const at = ['credentials', name];
    const given = ownField(readObject(value, at, '', () => undefined) ?? {}, 'tier');
    const tier = given === undefined ? undefined : readField(given, [...at, 'tier'], Tier, report);
    return tier === undefined ? [] : [[name, tier] as const];
  });
  return Object.fromEntries(read);
}

function readBlastRadius(given: unknown, { report }: Reading): number | undefined {
  const raw = given === undefined ? {} : readObject(given, ['blastRadius'], '{ perPrincipal? }', report);
  if (!raw) return undefined;
  refuseOthers(raw, ['blastRadius'], Object.keys(blastRadiusShape), report);
  return readFields(raw, ['blastRadius'], blastRadiusShape, report).perPrincipal;
}
