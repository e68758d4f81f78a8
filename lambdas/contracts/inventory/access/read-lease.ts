import { LEASER_KINDS, leaserKind, type LeasableKind } from '../../kinds.ts';
import { splitBound, type Shapes } from '../authoring-schema.ts';
import { FAST } from '../fast-cadence.ts';
import { LOCAL } from '../local-world.ts';
import { problemAt, type Path } from '../problem.ts';
import { ownField, readBound, readFields, readObject, refuseOthers, type RawObject } from '../read-fields.ts';
import { readKindFields, type KindFields, type Reading } from '../reading.ts';
import { wrongValue } from '../structural-problems.ts';
import { unknownKind } from '../unknown-kind.ts';
import { credentialBound } from '../authoring-schema.ts';
import { egressBound, egressShape, leaseAuthorityShape, leaseShape, TTL_DEFAULTS } from './access-shapes.ts';
import type { DraftEgress, DraftLease, DraftLeaseAuthority } from './draft-access.ts';

/** The fields of `target` that the file gives for a kind of lease. */
export const leaseTargetShapes = ({ target, environmentBound }: LeasableKind): Shapes =>
  splitBound(Object.entries(target.shape), environmentBound);

/** The same for its authority. */
export const authorityTargetShapes = ({ authority }: LeasableKind): Shapes =>
  splitBound(Object.entries(authority?.target.shape ?? {}), authority?.environmentBound ?? []);

/** The fields that every lease of a kind has. */
export const leaseFieldsOf = (kind: LeasableKind): readonly (keyof typeof leaseShape)[] =>
  (Object.keys(leaseShape) as readonly (keyof typeof leaseShape)[]).filter(
    (field) => field !== 'authority' || kind.authority !== undefined,
  );

const NONE: KindFields = { values: {}, paths: {} };

/** Reads one lease authority. */
export function readLeaseAuthority(
  name: string,
  given: unknown,
  at: Path,
  reading: Reading,
): DraftLeaseAuthority | undefined {
  const { report } = reading;
  const raw = readObject(given, at, 'a lease authority, as postgresLeaseAuthority() makes it', report);
  if (!raw) return undefined;
  const kind = kindOf(raw, at, reading);
  if (kind && !kind.authority) {
    report(
      problemAt([...at, 'kind'], {
        found: `a lease authority of kind ${kind.name}, whose leases need none that is stored`,
        allowed: `a kind of lease that has one: ${withAuthority()}`,
        mend: 'remove this lease authority',
      }),
    );
    return undefined;
  }
  const { plain, bound } = kind ? authorityTargetShapes(kind) : { plain: {}, bound: {} };
  if (kind)
    refuseOthers(
      raw,
      at,
      ['kind', 'adopters', ...Object.keys({ ...leaseAuthorityShape, ...plain, ...bound })],
      report,
    );
  const { owner, supplyEvery, limits } = readFields(raw, at, leaseAuthorityShape, report);
  const adopters = readBound(
    ownField(raw, 'adopters'),
    [...at, 'adopters'],
    credentialBound.adopters,
    reading,
  );
  const subject = { of: 'lease-authority', name, kind: kind?.name ?? '' } as const;
  const target = kind ? readKindFields(raw, at, { plain, bound }, subject, reading) : NONE;
  return {
    at,
    name,
    kind,
    owner,
    // In the embedded world the person at the machine supplies; principals of an account mean nothing there.
    adopters: reading.environment === LOCAL ? [] : adopters.value,
    supplyEverySeconds: supplyEvery?.seconds,
    limits,
    target: target.values,
    targetPaths: target.paths,
  };
}

const withAuthority = (): string =>
  LEASER_KINDS.filter(({ authority }) => authority)
    .map(({ name }) => name)
    .join(', ');

function kindOf(raw: RawObject, at: Path, { report }: Reading): LeasableKind | undefined {
  const kind = typeof raw['kind'] === 'string' ? leaserKind(raw['kind']) : undefined;
  if (!kind) report(unknownKind([...at, 'kind'], raw['kind'], 'lease', LEASER_KINDS));
  return kind;
}

/** Reads one thing that can be leased. */
export function readLease(name: string, given: unknown, at: Path, reading: Reading): DraftLease | undefined {
  const { report } = reading;
  const raw = readObject(given, at, 'a lease, as postgresLease() makes it', report);
  if (!raw) return undefined;
  const kind = kindOf(raw, at, reading);
  const { plain, bound } = kind ? leaseTargetShapes(kind) : { plain: {}, bound: {} };
  if (kind)
    refuseOthers(
      raw,
      at,
      ['kind', 'egress', ...leaseFieldsOf(kind), ...Object.keys(plain), ...Object.keys(bound)],
      report,
    );
  const { authority: authorityShape, ...shape } = leaseShape;
  const common = readFields(raw, at, shape, report);
  const { authority } =
    kind && !kind.authority ? {} : readFields(raw, at, { authority: authorityShape }, report);
  const target = kind
    ? readKindFields(raw, at, { plain, bound }, { of: 'lease', name, kind: kind.name }, reading)
    : NONE;
  return {
    at,
    name,
    kind,
    owner: common.owner,
    tier: common.tier,
    authority,
    standsFor: common.standsFor,
    ttl: common.ttl ? ttlOf(common.ttl, kind, reading) : {},
    limits: common.limits,
    purposes: common.purposes,
    egress: readEgress(name, raw, [...at, 'egress'], kind, reading),
    target: target.values,
    targetPaths: target.paths,
  };
}

type Ttl = NonNullable<ReturnType<(typeof leaseShape)['ttl']['parse']>>;

function ttlOf(ttl: Ttl, kind: LeasableKind | undefined, { isFast }: Reading): DraftLease['ttl'] {
  const { shortestSeconds = 0, longestSeconds = Infinity, renewable = true } = kind?.capabilities ?? {};
  const within = (seconds: number): number => Math.max(shortestSeconds, Math.min(longestSeconds, seconds));
  if (isFast)
    return {
      defaultSeconds: within(FAST.lease.defaultSeconds),
      maximumSeconds: within(FAST.lease.maximumSeconds),
      longestSeconds: within(renewable ? FAST.lease.longestSeconds : FAST.lease.maximumSeconds),
    };
  const maximumSeconds = ttl.maximum?.seconds ?? within(TTL_DEFAULTS.maximum.seconds);
  return {
    // What is not written follows from what is, so that one word suffices.
    defaultSeconds: ttl.default?.seconds ?? Math.min(maximumSeconds, within(TTL_DEFAULTS.default.seconds)),
    maximumSeconds,
    longestSeconds: ttl.longest?.seconds ?? maximumSeconds,
  };
}

function readEgress(
  lease: string,
  raw: RawObject,
  at: Path,
  kind: LeasableKind | undefined,
  reading: Reading,
): readonly DraftEgress[] {
  const given = ownField(raw, 'egress') ?? [];
  if (!Array.isArray(given)) {
    reading.report(wrongValue(at, given, 'a list of places that it may be used at'));
    return [];
  }
  const items: readonly unknown[] = given;
  return items.flatMap((item, position) => {
    const place: Path = [...at, position];
    const rule = readObject(
      item,
      place,
      '{ host, put, port?, network?, paths?, methods?, ca? }',
      reading.report,
    );
    return rule
      ? [readRule(rule, place, { of: 'egress', name: lease, kind: kind?.name ?? '' }, reading)]
      : [];
  });
}

function readRule(
  raw: RawObject,
  at: Path,
  subject: { readonly of: 'egress'; readonly name: string; readonly kind: string },
  reading: Reading,
): DraftEgress {
  const { report } = reading;
  refuseOthers(raw, at, Object.keys({ ...egressShape, ...egressBound }), report);
  const read = readFields(raw, at, egressShape, report);
  const host = readBound(ownField(raw, 'host'), [...at, 'host'], egressBound.host, reading);
  const ca = readBound(ownField(raw, 'ca'), [...at, 'ca'], egressBound.ca, reading);
  const rule = { at, ...without(read, 'port') };
  if (reading.environment === LOCAL)
    return { ...rule, ...localPlace(at, subject, reading), network: 'loopback' };
  return {
    ...rule,
    ...(host.value === undefined ? {} : { host: host.value }),
    ...(read.port === undefined ? {} : { port: read.port }),
    ...(ca.value === undefined ? {} : { ca: ca.value }),
  };
}

const without = <T extends object, K extends keyof T>(value: T, field: K): Omit<T, K> => {
  const { [field]: _, ...rest } = value;
  return rest;
};

/** The place that the embedded world serves instead. */
function localPlace(
  at: Path,
  subject: { readonly of: 'egress'; readonly name: string; readonly kind: string },
  { world, report }: Reading,
): { readonly host?: string; readonly port?: number } {
  if (!world) return {};
  const given = world.field(subject, 'place');
  if (isPlace(given)) return { host: given.host, port: given.port };
  report(
    problemAt([...at, 'host'], {
      found: 'nothing from the embedded world, which gives the places of a lease by its name in local',
      allowed: 'a host and a port on this machine',
      mend: 'have the embedded world serve this name, or keep the entry out of this workspace',
    }),
  );
  return {};
}

const isPlace = (given: unknown): given is { readonly host: string; readonly port: number } =>
  typeof given === 'object' &&
  given !== null &&
  'host' in given &&
  typeof given.host === 'string' &&
  'port' in given &&
  typeof given.port === 'number';
