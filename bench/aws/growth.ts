import type { DeployedStage } from '../../test/beds/deployed/open-stage.ts';
import type { TimedCall } from '../../test/beds/deployed/recorder.ts';
import type { Table } from '../results.ts';
import { usesOf } from './dynamodb-units.ts';
import { EXPLAINED } from './explained.ts';
import { lineText, lineThrough, type Line } from './line.ts';
import type { Gone } from './rotate.ts';

/** Counts by what is counted, for one number of dependents. */
type Counts = ReadonlyMap<string, number>;

/** What was counted over rotations that differ in their dependents alone. */
export interface Growth {
  /** `<function> <family> <read|write>`. */
  readonly units: ReadonlyMap<string, Line>;
  readonly events: ReadonlyMap<string, Line>;
  /** `<service> <action>`. */
  readonly calls: ReadonlyMap<string, Line>;
}

/** They run by the clock, for people, or for every read of any secret; no rotation makes them work. */
const NOT_OF_A_ROTATION: ReadonlySet<string> = new Set([
  'detect-access',
  'reconcile',
  'report',
  'seal-audit',
  'take-pulse',
]);

/** Counts what belongs to each rotation, and draws a line through it. */
export function growthOf({ recorder }: DeployedStage, fans: ReadonlyMap<number, Gone>): Growth {
  const callsOf = ({ credential, token, from, until }: Gone): readonly TimedCall[] =>
    recorder.ofFunctions().filter(({ at, parameters, application }) => {
      if (at < from || at > until + 2000 || NOT_OF_A_ROTATION.has(application)) return false;
      const text = JSON.stringify(parameters);
      // What is deleted from the outbox names events alone; nothing else is under way meanwhile.
      return text.includes(credential) || text.includes(token) || application === 'publish-outbox';
    });
  const counted = [...fans].map(([dependents, gone]) => ({ dependents, calls: callsOf(gone) }));
  const lines = (count: (calls: readonly TimedCall[]) => Counts): ReadonlyMap<string, Line> => {
    const counts = counted.map(({ dependents, calls }) => ({ dependents, counts: count(calls) }));
    const names = [...new Set(counts.flatMap((each) => [...each.counts.keys()]))].sort();
    return new Map(
      names.map((name) => [
        name,
        lineThrough(counts.map((each) => [each.dependents, each.counts.get(name) ?? 0] as const)),
      ]),
    );
  };
  return { units: lines(unitsIn), events: lines(eventsIn), calls: lines(callsIn) };
}

const sumBy = (entries: readonly (readonly [string, number])[]): Counts =>
  entries.reduce((sums, [name, by]) => sums.set(name, (sums.get(name) ?? 0) + by), new Map<string, number>());

const unitsIn = (calls: readonly TimedCall[]): Counts =>
  sumBy(
    calls
      .filter(({ service, status }) => service === 'dynamodb' && status === 200)
      .flatMap((call) =>
        usesOf(call).map(({ kind, family, units }) => [`${roleOf(call)} ${family} ${kind}`, units] as const),
      ),
  );

/** Target functions do the same, whatever their family. */
const roleOf = ({ application }: TimedCall): string =>
  application.startsWith('target-') ? 'target' : application;

const eventsIn = (calls: readonly TimedCall[]): Counts =>
  sumBy(
    calls
      .filter(({ action }) => action === 'PutEvents')
      .flatMap(({ parameters }) =>
        (parameters['Entries'] as readonly { readonly DetailType: string }[]).map(
          ({ DetailType }) => [DetailType, 1] as const,
        ),
      ),
  );

const callsIn = (calls: readonly TimedCall[]): Counts =>
  sumBy(calls.map(({ service, action }) => [`${service} ${action}`, 1] as const));

/** The sum of lines. */
export const total = (lines: Iterable<Line>): Line =>
  [...lines].reduce((sum, { a, b, off }) => ({ a: sum.a + a, b: sum.b + b, off: sum.off + off }), {
    a: 0,
    b: 0,
    off: 0,
  });

/** Request units of DynamoDB, each with what it is for. */
export function unitsTable({ units }: Growth): Table {
  const names = [...new Set([...units.keys()].map((key) => key.replace(/ (?:read|write)$/, '')))];
  const unexplained = names.filter((name) => EXPLAINED[name] === undefined);
  if (unexplained.length > 0) throw new Error(`units that nobody has explained: ${unexplained.join(', ')}`);
  const cell = (key: string): string => {
    const line = units.get(key);
    return line ? lineText(line) : '';
  };
  const of = (kind: string): Line =>
    total([...units].filter(([key]) => key.endsWith(kind)).map(([, line]) => ({ ...line, off: 0 })));
  return {
    title: 'Request units of DynamoDB per rotation, with n dependents that are told and acknowledge',
    head: ['function and rows', 'reads', 'writes', 'for'],
    rows: [
      ...names.map((name) => [name, cell(`${name} read`), cell(`${name} write`), EXPLAINED[name] ?? '']),
      ['**all**', `**${lineText(of(' read'))}**`, `**${lineText(of(' write'))}**`, ''],
    ],
    notes: [
      'Counted with 1, 2, 4 and 8 dependents; the line is that of least squares, and ± the farthest count from it.',
      'Each proof is an event, for each of which all proofs are verified again and the rotation is written: with n dependents n times n. Where that shows, the line fits badly, and ± says how badly.',
      `What runs by the clock or for people is not in it: ${[...NOT_OF_A_ROTATION].join(', ')}.`,
      'Read units are of strongly consistent reads up to 4 KB, write units of 1 KB; whatever is in a transaction counts twice, as AWS counts it.',
    ],
  };
}

/** Events on the bus. */
export function eventsTable({ events }: Growth): Table {
  return {
    title: 'Events per rotation',
    head: ['event', 'how many'],
    rows: [
      ...[...events].map(([name, line]) => [`\`${name}\``, lineText(line)]),
      ['**all**', `**${lineText({ ...total(events.values()), off: 0 })}**`],
    ],
  };
}
