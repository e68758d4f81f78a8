import type { Freeze } from '../../core/credential.ts';
import { awsShape, localShape } from './authoring-schema.ts';
import { LOCAL } from './local-world.ts';
import { problemAt, type Path, type Report } from './problem.ts';
import { readFields, readObject, refuseOthers, type RawObject } from './read-fields.ts';

/** What is declared of one environment, as far as it could be read. */
export interface DraftEnvironment {
  readonly isFast: boolean;
  readonly account: string | undefined;
  readonly region: string | undefined;
  readonly trail: 'existing' | 'create' | undefined;
  readonly onCallEmail: string | undefined;
  readonly freezes: readonly Freeze[];
}

/** Reads one environment: `local`, or one on AWS. */
export function readEnvironment(
  name: string,
  given: unknown,
  at: Path,
  report: Report,
): DraftEnvironment | undefined {
  const allowed = name === LOCAL ? '{ cadence?, freezes? }' : '{ account, region, … }';
  const raw = readObject(given, at, allowed, report);
  if (!raw) return undefined;
  return name === LOCAL ? readLocal(raw, at, report) : readAws(raw, at, report);
}

/** Fields of an environment on AWS that would promise something of the embedded world. */
const AWS_ONLY: readonly string[] = ['account', 'region', 'trail', 'onCall'];

function readLocal(raw: RawObject, at: Path, report: Report): DraftEnvironment {
  const known = Object.keys(localShape);
  const [foreign, own] = split(raw, AWS_ONLY);
  for (const field of foreign)
    report(
      problemAt([...at, field], {
        found: `${field}, in the environment ${LOCAL}`,
        allowed: `the fields ${known.join(', ')}: ${LOCAL} is the embedded world, which lies in no account`,
        mend: `remove ${field}, or give this environment another name`,
      }),
    );
  refuseOthers(own, at, known, report);
  const { cadence, freezes } = readFields(raw, at, localShape, report);
  return {
    isFast: cadence === 'fast',
    account: undefined,
    region: undefined,
    trail: undefined,
    onCallEmail: undefined,
    freezes: freezes ?? [],
  };
}

function readAws(raw: RawObject, at: Path, report: Report): DraftEnvironment {
  const known = Object.keys(awsShape);
  const [foreign, own] = split(raw, ['cadence']);
  for (const field of foreign)
    report(
      problemAt([...at, field], {
        found: `${field}, in an environment on AWS`,
        allowed: `the fields ${known.join(', ')}: only ${LOCAL} may have other times than the file's`,
        mend: `remove ${field}`,
      }),
    );
  refuseOthers(own, at, known, report);
  const { account, region, trail, freezes, onCall } = readFields(raw, at, awsShape, report);
  return { isFast: false, account, region, trail, onCallEmail: onCall?.email, freezes: freezes ?? [] };
}

function split(raw: RawObject, foreign: readonly string[]): readonly [readonly string[], RawObject] {
  const found = foreign.filter((field) => Object.hasOwn(raw, field));
  const own = Object.entries(raw).filter(([field]) => !found.includes(field));
  return [found, Object.fromEntries(own)];
}
