import { LOCAL } from '../local-world.ts';
import type { Path } from '../problem.ts';
import { ownField, readBound, readFields, readObject, refuseOthers, type RawObject } from '../read-fields.ts';
import { readKindFields, type Reading } from '../reading.ts';
import {
  agentShape,
  issuerBound,
  issuerShape,
  purposeShape,
  roleBound,
  roleShape,
  workloadAccessShape,
  workloadTokensBound,
} from './access-shapes.ts';
import type { DraftAccess, DraftAgent, DraftIssuer, DraftPurpose, DraftRole } from './draft-access.ts';

/** Reads one issuer. In `local` what it is called and where its keys are comes from the embedded world. */
export function readIssuer(
  name: string,
  given: unknown,
  at: Path,
  reading: Reading,
): DraftIssuer | undefined {
  const raw = readObject(given, at, '{ issuer, audience, … }', reading.report);
  if (!raw) return undefined;
  refuseOthers(raw, at, [...Object.keys(issuerShape), ...Object.keys(issuerBound)], reading.report);
  const { use, algorithms, clockSkew, longestToken, claims, people } = readFields(
    raw,
    at,
    issuerShape,
    reading.report,
  );
  const subject = { of: 'issuer', name, kind: 'issuer' } as const;
  const { values, paths } = readKindFields(raw, at, { plain: {}, bound: issuerBound }, subject, reading);
  return {
    at,
    name,
    paths,
    read: {
      name,
      ...values,
      ...(use === undefined ? {} : { use }),
      ...(algorithms === undefined ? {} : { algorithms }),
      ...(clockSkew === undefined ? {} : { clockSkewSeconds: clockSkew.seconds }),
      ...(longestToken === undefined ? {} : { longestTokenSeconds: longestToken.seconds }),
      ...(claims === undefined ? {} : { claims: withoutHoles(claims) }),
      ...(people === undefined ? {} : { people }),
    },
  };
}

const withoutHoles = (claims: {
  readonly groups?: string | undefined;
  readonly purposes?: string | undefined;
  readonly leases?: string | undefined;
  readonly subject?: string | undefined;
}) => JSON.parse(JSON.stringify(claims)) as NonNullable<DraftIssuer['read']['claims']>;

/** What a workload's entry says of who runs it and whose it is. */
export function readWorkloadAccess(
  workload: string,
  given: unknown,
  at: Path,
  reading: Reading,
): Pick<DraftAccess, 'tokens' | 'workloadOwners'> {
  // What is no object is reported by whoever reads its role.
  const raw = readObject(given, at, '', () => undefined) ?? {};
  const { owner } = readFields(raw, at, workloadAccessShape, reading.report);
  const tokens = readTokens(workload, raw, [...at, 'tokens'], reading);
  return {
    workloadOwners: owner === undefined ? [] : [{ at: [...at, 'owner'], workload, owner }],
    tokens,
  };
}

function readTokens(workload: string, raw: RawObject, at: Path, reading: Reading): DraftAccess['tokens'] {
  const given = ownField(raw, 'tokens');
  const { value, at: writtenAt } = readBound(given, at, workloadTokensBound.tokens, reading);
  if (reading.environment !== LOCAL)
    return (value ?? []).map((token, position) => ({ ...token, at: [...writtenAt, position], workload }));
  // Of the embedded world's issuers a workload's token has its name as the subject.
  return [...issuersIn(given)].map((issuer) => ({ at, workload, issuer, claims: { sub: workload } }));
}

/** The issuers that are named anywhere in a list, or in a map of lists. */
function issuersIn(given: unknown): ReadonlySet<string> {
  if (typeof given !== 'object' || given === null) return new Set();
  const items = Array.isArray(given) ? (given as readonly unknown[]) : Object.values(given).flat();
  const named = items.flatMap((item: unknown) =>
    typeof item === 'object' && item !== null && 'issuer' in item && typeof item.issuer === 'string'
      ? [item.issuer]
      : [],
  );
  return new Set(named);
}

/**
 * Reads one role. In `local` it has two people, each with an identity of the embedded world that is named after the role: so
 * that what needs two of them can be tried to its end.
 */
export function readRole(name: string, given: unknown, at: Path, reading: Reading): DraftRole | undefined {
  const raw = readObject(given, at, '{ groups?, principals?, … }', reading.report);
  if (!raw) return undefined;
  refuseOthers(raw, at, [...Object.keys(roleShape), ...Object.keys(roleBound)], reading.report);
  const { owner, groups, sessionNamesProved, secondFactorProved } = readFields(
    raw,
    at,
    roleShape,
    reading.report,
  );
  const principals = readBound(
    ownField(raw, 'principals'),
    [...at, 'principals'],
    roleBound.principals,
    reading,
  );
  const isLocal = reading.environment === LOCAL;
  return {
    at,
    name,
    owner,
    groups,
    principals: isLocal ? [`embedded:${name}`, `embedded:${name}.2`] : principals.value,
    principalsAt: isLocal ? at : principals.at,
    sessionNamesProved,
    secondFactorProved,
  };
}

/** Reads one agent. */
export function readAgent(name: string, given: unknown, at: Path, reading: Reading): DraftAgent | undefined {
  const raw = readObject(given, at, '{ owner, workload, actsFor? }', reading.report);
  if (!raw) return undefined;
  refuseOthers(raw, at, Object.keys(agentShape), reading.report);
  const { owner, workload, actsFor } = readFields(raw, at, agentShape, reading.report);
  return { at, name, owner, workload, actsFor };
}

/** Reads one purpose. */
export function readPurpose(
  name: string,
  given: unknown,
  at: Path,
  reading: Reading,
): DraftPurpose | undefined {
  const raw = readObject(given, at, '{ meaning, workloads?, agents?, roles? }', reading.report);
  if (!raw) return undefined;
  refuseOthers(raw, at, Object.keys(purposeShape), reading.report);
  const {
    meaning,
    workloads = [],
    agents = [],
    roles = [],
  } = readFields(raw, at, purposeShape, reading.report);
  return { at, name, meaning, workloads, agents, roles };
}
