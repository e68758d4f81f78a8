import { CREDENTIAL_KINDS, credentialKind, type CredentialKind } from '../kinds.ts';
import {
  commonFieldsOf,
  credentialBound,
  credentialShape,
  retireDefaults,
  retireShape,
  targetShapes,
} from './authoring-schema.ts';
import type { DraftCredential, DraftDependent } from './draft.ts';
import { FAST } from './fast-cadence.ts';
import { LOCAL } from './local-world.ts';
import type { Path } from './problem.ts';
import { ownField, readBound, readFields, readObject, refuseOthers, type RawObject } from './read-fields.ts';
import { wrongValue } from './structural-problems.ts';
import { readDependent } from './read-dependent.ts';
import { readKindFields, type KindFields, type Reading } from './reading.ts';
import { MISPLACED, misplacedField } from './unknown-field.ts';
import { unknownKind } from './unknown-kind.ts';

/** Reads one credential as far as it can be read. What it copies from its authority comes later: `withCopiedFields`. */
export function readCredential(
  name: string,
  given: unknown,
  at: Path,
  reading: Reading,
): DraftCredential | undefined {
  const { report } = reading;
  const raw = readObject(given, at, 'a credential, as postgres(), openai() or random() make it', report);
  if (!raw) return undefined;
  const kind = typeof raw['kind'] === 'string' ? credentialKind(raw['kind']) : undefined;
  if (!kind) report(unknownKind([...at, 'kind'], raw['kind'], 'credential', CREDENTIAL_KINDS));
  const has = fieldTest(raw, kind);
  if (kind) refuseFields(raw, at, kind, reading);
  const { owner, rotateEvery } = readFields(raw, at, pick('owner', 'rotateEvery'), report);
  const authority = has('authority') ? readFields(raw, at, pick('authority'), report).authority : undefined;
  const boundTo = has('boundTo') ? readFields(raw, at, pick('boundTo'), report).boundTo : [];
  const target = kind ? readTarget(name, raw, at, kind, reading) : { values: {}, paths: {} };
  return {
    at,
    name,
    kind,
    owner,
    authority,
    rotateEverySeconds: reading.isFast ? FAST.rotateEverySeconds : rotateEvery?.seconds,
    boundTo,
    adopters: readAdopters(raw, at, reading),
    retire: readRetire(has('retire') ? ownField(raw, 'retire') : undefined, [...at, 'retire'], kind, reading),
    target: target.values,
    targetPaths: target.paths,
    dependents: has('dependents') ? readDependents(name, raw, [...at, 'dependents'], reading) : [],
  };
}

function pick<Field extends keyof typeof credentialShape>(...fields: readonly Field[]) {
  const picked = fields.map((field) => [field, credentialShape[field]] as const);
  return Object.fromEntries(picked) as Pick<typeof credentialShape, Field>;
}

/** Whether to read a common field: those of the kind, and of an unknown kind those that are there. */
const fieldTest =
  (raw: RawObject, kind: CredentialKind | undefined) =>
  (field: string): boolean =>
    kind ? commonFieldsOf(kind).includes(field) : Object.hasOwn(raw, field);

function refuseFields(raw: RawObject, at: Path, kind: CredentialKind, { report }: Reading): void {
  const { plain, bound } = targetShapes(kind);
  const known = ['kind', ...commonFieldsOf(kind), ...Object.keys(plain), ...Object.keys(bound)];
  const misplaced = (Object.keys(MISPLACED) as readonly (keyof typeof MISPLACED)[]).filter(
    (field) => Object.hasOwn(raw, field) && !known.includes(field),
  );
  for (const field of misplaced) report(misplacedField([...at, field], field, kind.name, known));
  const others = Object.entries(raw).filter(([field]) => !misplaced.some((name) => name === field));
  refuseOthers(Object.fromEntries(others), at, known, report);
}

const readTarget = (
  name: string,
  raw: RawObject,
  at: Path,
  kind: CredentialKind,
  reading: Reading,
): KindFields =>
  readKindFields(
    raw,
    at,
    targetShapes(kind),
    { of: 'credential', credential: name, kind: kind.name },
    reading,
  );

/** In the embedded world the person at the machine adopts; principals of an account mean nothing there. */
function readAdopters(raw: RawObject, at: Path, reading: Reading): readonly string[] | undefined {
  const { value } = readBound(
    ownField(raw, 'adopters'),
    [...at, 'adopters'],
    credentialBound.adopters,
    reading,
  );
  return reading.environment === LOCAL ? [] : value;
}

function readRetire(
  given: unknown,
  at: Path,
  kind: CredentialKind | undefined,
  reading: Reading,
): DraftCredential['retire'] {
  const allowed = '{ afterAdoption?, soak?, deadline?, onDeadline? }';
  const raw = given === undefined ? {} : readObject(given, at, allowed, reading.report);
  if (!raw) return {};
  refuseOthers(raw, at, Object.keys(retireShape), reading.report);
  const read = readFields({ ...retireDefaults(kind), ...raw }, at, retireShape, reading.report);
  const overlaps = !kind?.capabilities.endsPredecessorAtInstall;
  const fast = {
    drainSeconds: overlaps ? FAST.drainSeconds : 0,
    soakSeconds: overlaps ? FAST.soakSeconds : 0,
    deadlineSeconds: FAST.deadlineSeconds,
  };
  const declared = {
    ...(read.afterAdoption === undefined ? {} : { drainSeconds: read.afterAdoption.seconds }),
    ...(read.soak === undefined ? {} : { soakSeconds: read.soak.seconds }),
    ...(read.deadline === undefined ? {} : { deadlineSeconds: read.deadline.seconds }),
  };
  return {
    ...(reading.isFast ? fast : declared),
    ...(read.onDeadline === undefined ? {} : { onDeadline: read.onDeadline }),
  };
}

function readDependents(
  credential: string,
  raw: RawObject,
  at: Path,
  reading: Reading,
): readonly DraftDependent[] {
  const given = ownField(raw, 'dependents') ?? [];
  if (!Array.isArray(given)) {
    reading.report(wrongValue(at, given, 'a list of dependents'));
    return [];
  }
  const items: readonly unknown[] = given;
  return items.flatMap((item, position) => readDependent(item, [...at, position], credential, reading) ?? []);
}

/** Completes targets with the fields that their kind copies from the authority's target. */
export function withCopiedFields(credentials: readonly DraftCredential[]): readonly DraftCredential[] {
  const byName = new Map(credentials.map((credential) => [credential.name, credential]));
  return credentials.map((credential) => {
    const { kind, authority } = credential;
    const source = authority === undefined ? undefined : byName.get(authority);
    if (!kind || !source || source.kind?.name !== kind.authorityKind) return credential;
    const copied = kind.fromAuthority.filter((field) => source.target[field] !== undefined);
    return {
      ...credential,
      target: {
        ...credential.target,
        ...Object.fromEntries(copied.map((field) => [field, source.target[field]])),
      },
      targetPaths: {
        ...credential.targetPaths,
        ...Object.fromEntries(
          kind.fromAuthority.map((field) => [field, source.targetPaths[field] ?? source.at]),
        ),
      },
    };
  });
}
