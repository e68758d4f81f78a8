import { inWords } from '../../duration.ts';
import type { Check, Draft } from '../../draft.ts';
import { quoted } from '../../found.ts';
import { listed } from '../../nearest.ts';
import { problemAt, type Problem } from '../../problem.ts';
import type { DraftLease } from '../draft-access.ts';
import { unknownName, unknownNames } from './unknown-name.ts';

/** What a lease names is there: its authority, what it stands for, its purposes. */
export const checkLeases: Check = (draft) =>
  draft.access.leases.flatMap((lease) => [
    ...authority(draft, lease),
    ...unknownName([...lease.at, 'standsFor'], lease.standsFor, {
      what: 'credential',
      section: 'credentials',
      names: draft.names.credentials,
    }),
    ...unknownNames([...lease.at, 'purposes'], lease.purposes ?? [], {
      what: 'purpose',
      section: 'purposes',
      names: draft.access.names.purposes,
    }),
    ...purposesOfEntries(lease),
    ...limits(draft, lease),
  ]);

function authority({ access }: Draft, { at, kind, authority: name }: DraftLease): readonly Problem[] {
  if (!kind?.authority || name === undefined) return [];
  const fitting = access.leaseAuthorities.filter((each) => each.kind?.name === kind.name);
  const found = access.leaseAuthorities.find((each) => each.name === name);
  if (!access.names.leaseAuthorities.has(name))
    return unknownName([...at, 'authority'], name, {
      what: 'lease authority',
      section: 'leaseAuthorities',
      names: new Set(fitting.map((each) => each.name)),
    });
  if (found?.kind === undefined || found.kind.name === kind.name) return [];
  return [
    problemAt([...at, 'authority'], {
      found: `${quoted(name)}, a lease authority of kind ${found.kind.name}`,
      allowed: `a lease authority of kind ${kind.name}: ${listed(fitting.map((each) => each.name))}`,
      mend: `name the one that makes leases of kind ${kind.name}`,
    }),
  ];
}

/** What a kind gives for some purposes alone, and purposes that nothing is given for: the first explains the second. */
function purposesOfEntries(lease: DraftLease): readonly Problem[] {
  const narrower = narrowerPurposes(lease);
  return narrower.length > 0 ? narrower : purposesWithoutEntry(lease);
}

/** A purpose for which everything in a list is for others: nobody could ever lease for it. */
function purposesWithoutEntry({ at, target, purposes = [] }: DraftLease): readonly Problem[] {
  return Object.entries(target).flatMap(([field, value]) => {
    const entries = Array.isArray(value) ? (value as readonly unknown[]) : [];
    const named = entries.map(purposesIn);
    if (entries.length === 0 || named.some((each) => each.length === 0)) return [];
    const served = new Set(named.flat());
    return purposes.flatMap((purpose, position) =>
      served.has(purpose)
        ? []
        : [
            problemAt([...at, 'purposes', position], {
              found: `the purpose ${quoted(purpose)}, which nothing in ${field} is for`,
              allowed: `a purpose that ${field} has an entry for: ${listed(served)}`,
              mend: `add an entry for it to ${field}, or remove the purpose`,
            }),
          ],
    );
  });
}

/** What a kind gives for some purposes alone: those have to be purposes of the lease. */
function narrowerPurposes({ at, target, targetPaths, purposes }: DraftLease): readonly Problem[] {
  if (purposes === undefined) return [];
  return Object.entries(target).flatMap(([field, value]) =>
    (Array.isArray(value) ? (value as readonly unknown[]) : []).flatMap((entry, position) =>
      purposesIn(entry)
        .filter((purpose) => !purposes.includes(purpose))
        .map((purpose) =>
          problemAt([...(targetPaths[field] ?? [...at, field]), position, 'purposes'], {
            found: `the purpose ${quoted(purpose)}, which this is not leased for`,
            allowed: `purposes of the lease: ${listed(purposes)}`,
            mend: 'add it to the purposes of the lease, or remove it here',
          }),
        ),
    ),
  );
}

function purposesIn(entry: unknown): readonly string[] {
  if (typeof entry !== 'object' || entry === null || !('purposes' in entry)) return [];
  return Array.isArray(entry.purposes)
    ? (entry.purposes as readonly unknown[]).filter((each): each is string => typeof each === 'string')
    : [];
}

function limits({ access }: Draft, { at, limits: found, authority: name }: DraftLease): readonly Problem[] {
  if (!found) return [];
  const bearing = access.leaseAuthorities.find((each) => each.name === name)?.limits;
  return [
    ...(found.perPrincipal > found.total
      ? [
          problemAt([...at, 'limits', 'perPrincipal'], {
            found: `${found.perPrincipal} for one caller, and ${found.total} for all`,
            allowed: 'no more for one caller than for all',
            mend: 'raise total, or lower perPrincipal',
          }),
        ]
      : []),
    ...(bearing && found.total > bearing.total
      ? [
          problemAt([...at, 'limits', 'total'], {
            found: `${found.total} leases, of an authority that makes ${bearing.total} at most`,
            allowed: `at most ${bearing.total}`,
            mend: 'lower it, or raise the limits of the lease authority',
          }),
        ]
      : []),
  ];
}

/** The longest that any lease may be asked for: what is needed for longer is a credential. */
const LONGEST_MAXIMUM_SECONDS = 12 * 3600;
/** The longest that any lease may live over all its renewals. */
const LONGEST_LIFE_SECONDS = 7 * 86_400;

/** The times of a lease fit each other, and what its target can hold. */
export const checkLeaseTimes: Check = ({ access }) => access.leases.flatMap(times);

function times({ at, kind, ttl }: DraftLease): readonly Problem[] {
  const { defaultSeconds = 1, maximumSeconds, longestSeconds } = ttl;
  if (maximumSeconds === undefined || longestSeconds === undefined) return [];
  const { shortestSeconds = 1, longestSeconds: most = LONGEST_MAXIMUM_SECONDS } = kind?.capabilities ?? {};
  // What cannot be ended lives as long as its target lets it: a shorter ttl would be a promise that nobody keeps.
  const shortest = kind?.capabilities.revocable === false ? shortestSeconds : 1;
  const problem = (field: string, seconds: number, allowed: string): Problem =>
    problemAt([...at, 'ttl', field], {
      found: inWords(seconds),
      allowed,
      mend: `give ${field} a duration that fits`,
    });
  return [
    ...(defaultSeconds < shortest
      ? [
          problem(
            'default',
            defaultSeconds,
            `at least ${inWords(shortest)}: leases of this kind cannot be ended sooner`,
          ),
        ]
      : []),
    ...(defaultSeconds > maximumSeconds
      ? [problem('default', defaultSeconds, `at most the maximum, ${inWords(maximumSeconds)}`)]
      : []),
    ...(maximumSeconds > Math.min(most, LONGEST_MAXIMUM_SECONDS)
      ? [problem('maximum', maximumSeconds, `at most ${inWords(Math.min(most, LONGEST_MAXIMUM_SECONDS))}`)]
      : []),
    ...(longestSeconds < maximumSeconds
      ? [problem('longest', longestSeconds, `at least the maximum, ${inWords(maximumSeconds)}`)]
      : []),
    ...(longestSeconds > maximumSeconds && kind?.capabilities.renewable === false
      ? [
          problem(
            'longest',
            longestSeconds,
            `the maximum, ${inWords(maximumSeconds)}: leases of kind ${kind.name} are not renewed`,
          ),
        ]
      : []),
    ...(longestSeconds > LONGEST_LIFE_SECONDS
      ? [problem('longest', longestSeconds, `at most ${inWords(LONGEST_LIFE_SECONDS)}`)]
      : []),
  ];
}
