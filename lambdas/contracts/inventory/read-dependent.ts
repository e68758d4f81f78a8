import { DEPENDENT_KINDS, dependentKind } from '../kinds.ts';
import {
  dependentShape,
  evidenceBound,
  evidenceShape,
  settingsShapes,
  type Shapes,
} from './authoring-schema.ts';
import type { DraftDependent } from './draft.ts';
import type { Duration } from './duration.ts';
import { FAST } from './fast-cadence.ts';
import { LOCAL, type LocalSubject } from './local-world.ts';
import type { Path } from './problem.ts';
import { ownField, readFields, readObject, refuseOthers, type RawObject } from './read-fields.ts';
import { readKindFields, type Reading } from './reading.ts';
import { unknownKind } from './unknown-kind.ts';

/** Reads one dependent of a credential as far as it can be read. */
export function readDependent(
  given: unknown,
  at: Path,
  credential: string,
  reading: Reading,
): DraftDependent | undefined {
  const raw = readObject(given, at, 'a dependent, as webhook() or poller() make it', reading.report);
  if (!raw) return undefined;
  const kind = typeof raw['kind'] === 'string' ? dependentKind(raw['kind']) : undefined;
  if (!kind) reading.report(unknownKind([...at, 'kind'], raw['kind'], 'dependent', DEPENDENT_KINDS));
  const common = readFields(raw, at, dependentShape, reading.report);
  const subject: LocalSubject = {
    of: 'dependent',
    credential,
    dependent: common.name ?? '',
    kind: kind?.name ?? '',
  };
  const shapes = kind ? settingsShapes(kind) : NO_FIELDS;
  if (kind) refuseOthers(raw, at, knownFields(shapes), reading.report);
  const settings = readKindFields(raw, at, shapes, subject, reading);
  return {
    at,
    kind,
    name: common.name,
    workload: ownField(raw, 'workload') === undefined ? common.name : common.workload,
    cacheTtlSeconds: reading.isFast ? FAST.cacheTtlSeconds : common.cacheTtl?.seconds,
    evidence: readEvidence(raw, at, subject, reading),
    settings: settings.values,
    settingsPaths: settings.paths,
  };
}

const NO_FIELDS: Shapes = { plain: {}, bound: {} };

const knownFields = ({ plain, bound }: Shapes): readonly string[] => [
  'kind',
  ...Object.keys(dependentShape),
  'evidence',
  ...Object.keys(plain),
  ...Object.keys(bound),
];

function readEvidence(
  owner: RawObject,
  ownerAt: Path,
  subject: LocalSubject,
  reading: Reading,
): DraftDependent['evidence'] {
  const given = ownField(owner, 'evidence');
  if (given === undefined) return undefined;
  const at = [...ownerAt, 'evidence'];
  const allowed = '{ applicationName, poolLifetime, clientAddress?, suffices? }';
  const raw = readObject(given, at, allowed, reading.report);
  if (!raw) return { at };
  refuseOthers(raw, at, [...Object.keys(evidenceShape), ...Object.keys(evidenceBound)], reading.report);
  const { applicationName, poolLifetime, suffices } = readFields(raw, at, evidenceShape, reading.report);
  const address = readKindFields(raw, at, { plain: {}, bound: evidenceBound }, subject, reading);
  const clientAddress = address.values['clientAddress'];
  const lifetime = poolLifetime && lifetimeOf(poolLifetime, reading);
  return {
    at,
    ...(applicationName === undefined ? {} : { applicationName }),
    ...(typeof clientAddress === 'string' ? { clientAddress } : {}),
    ...(lifetime === undefined ? {} : { poolLifetimeSeconds: lifetime }),
    ...(suffices === undefined ? {} : { suffices }),
  };
}

/**
 * On AWS a timer is up to a minute late, so two looks at a target may lie two minutes apart, and a trail of samples that
 * are further apart than a pool lifetime proves nothing. A shorter lifetime counts as this one: to wait longer is safe.
 */
const SHORTEST_LIFETIME_ON_AWS_SECONDS = 240;

function lifetimeOf({ seconds }: Duration, { environment, isFast }: Reading): number {
  if (environment !== LOCAL) return Math.max(seconds, SHORTEST_LIFETIME_ON_AWS_SECONDS);
  return isFast ? FAST.poolLifetimeSeconds : seconds;
}
