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
    leaseAuthorities: each('leaseAuthorities', readLeaseAuthority),
    leases: each('leases', readLease),
    tiers,
    blastRadiusPerPrincipal: readBlastRadius(ownField(raw, 'blastRadius'), reading),
  };
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
