import type { Table } from '../results.ts';
import { total, type Growth } from './growth.ts';
import { lineThrough, type Line } from './line.ts';
import { PRICES } from './prices.ts';

/** Megabytes and seconds that an invocation is taken to last: warm, most of it spent waiting for AWS. */
const ASSUMED = { gigabytes: 0.25, seconds: 0.2 } as const;

/** What one rotation costs, from what was counted. */
export function costTable({ units, events, calls }: Growth): Table {
  const sum = (lines: ReadonlyMap<string, Line>, matches: (name: string) => boolean): Line =>
    total([...lines].filter(([name]) => matches(name)).map(([, line]) => ({ ...line, off: 0 })));
  const invoked = sum(calls, (name) => name === 'lambda Invoke');
  const delivered = sum(events, () => true);
  // The four steps, one invocation for each event, two requests of each dependent, one for each call of PutEvents.
  const published = sum(calls, (name) => name === 'eventbridge PutEvents' || name === 'events PutEvents');
  const invocations = total([invoked, delivered, published, { a: 4, b: 2, off: 0 }]);
  const vault = total([sum(calls, (name) => name.startsWith('secretsmanager ')), { a: 0, b: 1, off: 0 }]);
  const duration = ASSUMED.gigabytes * ASSUMED.seconds * PRICES.gigabyteSecond;
  const parts: readonly (readonly [string, Line, number])[] = [
    ['Secrets Manager calls', vault, PRICES.vaultCall],
    ['KMS calls: one for each value that is read or written', sum(calls, isOfValue), PRICES.keyCall],
    ['Lambda invocations', invocations, PRICES.invocation],
    [`Lambda time, at ${ASSUMED.seconds} s of ${ASSUMED.gigabytes} GB each`, invocations, duration],
    ['DynamoDB write units', sum(units, (name) => name.endsWith(' write')), PRICES.writeUnit],
    ['DynamoDB read units', sum(units, (name) => name.endsWith(' read')), PRICES.readUnit],
    ['events', delivered, PRICES.event],
    ['SQS calls: three for each event', { a: 3 * delivered.a, b: 3 * delivered.b, off: 0 }, PRICES.queueCall],
    ['schedules', sum(calls, (name) => name === 'scheduler CreateSchedule'), PRICES.schedule],
  ];
  const micro = (dollars: number): string => (dollars * 1e6).toFixed(1);
  const at = ({ a, b }: Line, dependents: number): number => a + b * dependents;
  const whole = (dependents: number): number =>
    parts.reduce((all, [, line, price]) => all + at(line, dependents) * price, 0);
  const line = lineThrough([
    [1, whole(1)],
    [8, whole(8)],
  ]);
  return {
    title: 'Cost of one rotation in millionths of a dollar (us-east-1, on demand), from what was counted',
    head: ['part', 'n = 1', 'n = 8', 'cost, n = 1', 'cost, n = 8'],
    rows: [
      ...parts.map(([name, count, price]) => [
        name,
        ...[1, 8].map((n) => at(count, n).toFixed(1)),
        ...[1, 8].map((n) => micro(at(count, n) * price)),
      ]),
      ['**all**', '', '', `**${micro(whole(1))}**`, `**${micro(whole(8))}**`],
    ],
    notes: [
      `In all ${micro(line.a)} + ${micro(line.b)} n millionths of a dollar; the secret itself costs $0.40 a month.`,
      'Logs, alarms, metrics and what runs by the clock are not in it: they do not grow with rotations (docs/deploy.md).',
      'The time of an invocation is an assumption, since no function of this project has run on Lambda yet.',
    ],
  };
}

const isOfValue = (name: string): boolean =>
  name === 'secretsmanager GetSecretValue' || name === 'secretsmanager PutSecretValue';
