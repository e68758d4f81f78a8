import { deadLetterQueueName, functionName, queueName } from '../../lambdas/contracts/names.ts';
import type { Finding } from '../../lambdas/core/watch/finding.ts';
import type { Connection } from '../connection/connection.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Invocation } from '../invocation.ts';
import { tableText } from '../output/table.ts';
import { momentText } from '../output/time-words.ts';

/** What is known of the watch. */
interface WatchStatus {
  readonly environment: string;
  readonly at: string;
  readonly findings: number;
  readonly newest?: Finding;
  readonly deadLetters: number;
  /** Our own heartbeat reads that the watch has seen since the runtime started. Unknown where nobody counts here. */
  readonly heartbeatsSeen?: number;
  /** Records of access that it was given, by what became of them. */
  readonly records?: Readonly<Record<string, number>>;
  /** Where to look, in the order in which a record travels. */
  readonly way: readonly string[];
}

/**
 * `lockstep status --watch`: whether the watch still sees. The heartbeat read must come through trail, rule, queue
 * and detector; where it does not, silence proves nothing, and the parts of that way are named in order.
 */
export async function watchStatus(invocation: Invocation): Promise<ExitCode> {
  const connection = await invocation.connect();
  const [{ environment, at, deadLetters }, { findings }] = await Promise.all([
    connection.query('status', {}),
    connection.query('findings', {}),
  ]);
  const [newest] = findings;
  const counted =
    connection.via === 'runtime'
      ? await invocation.surroundings.readMetrics(invocation.place.folder)
      : undefined;
  const status: WatchStatus = {
    environment,
    at,
    findings: findings.length,
    ...(newest ? { newest } : {}),
    deadLetters,
    ...(counted === undefined ? {} : countsIn(counted)),
    way: wayOf(connection, environment),
  };
  return invocation.answer(status, () => watchText(status));
}

/** Counters out of an OpenMetrics page. */
function countsIn(page: string): Pick<WatchStatus, 'heartbeatsSeen' | 'records'> {
  const samples = page.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = /^(\w+?)(?:_total)?(?:\{([^}]*)\})? (\S+)$/.exec(line) ?? [];
    return name === undefined
      ? []
      : [{ name, outcome: /outcome="([\w-]+)"/.exec(labels)?.[1], value: Number(value) }];
  });
  const heartbeats = samples.filter(({ name }) => name === 'lockstep_heartbeat_reads');
  const records = samples.flatMap(({ name, outcome, value }) =>
    name === 'lockstep_access_records' && outcome !== undefined ? [[outcome, value] as const] : [],
  );
  return {
    heartbeatsSeen: heartbeats.reduce((sum, { value }) => sum + value, 0),
    records: Object.fromEntries(records),
  };
}

function wayOf({ via }: Connection, environment: string): readonly string[] {
  if (via === 'files')
    return ['nobody: no runtime works on this folder, and nothing is watched until npm start'];
  if (via === 'runtime')
    return [
      'the vault’s records of access, on the default bus of this runtime',
      "the function detect-access; what it gave up is among the dead letters: lockstep redrive --reason '…'",
      'trouble of either is in .lockstep/lockstep.log',
    ];
  const detector = functionName(environment, 'detect-access');
  return [
    'CloudTrail: a trail of this region logs management events, reads included',
    `EventBridge, default bus: the rules that feed ${detector} are ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS`,
    `SQS: ${queueName(environment, 'detect-access')}, and what was given up: ${deadLetterQueueName(environment, 'detect-access')}`,
    `Lambda: ${detector}, its log group /aws/lambda/${detector}`,
    `the read itself: ${functionName(environment, 'take-pulse')} makes it once a minute`,
    'CloudWatch, namespace Lockstep: lockstep_heartbeat_reads counts what came through',
  ];
}

function watchText({
  environment,
  at,
  findings,
  newest,
  deadLetters,
  heartbeatsSeen,
  records,
  way,
}: WatchStatus): string {
  const seen = Object.entries(records ?? {}).map(([outcome, count]) => `${count} ${outcome}`);
  return [
    `The watch of ${environment}`,
    '',
    tableText([
      [
        'heartbeat reads seen',
        heartbeatsSeen === undefined
          ? 'not counted here; see below'
          : heartbeatsSeen === 0
            ? 'none: the watch is blind'
            : String(heartbeatsSeen),
      ],
      ...(seen.length > 0 ? [['records of access', seen.join(', ')]] : []),
      [
        'findings',
        newest ? `${findings}, the newest ${momentText(newest.at, at)}: lockstep history --findings` : 'none',
      ],
      ['dead letters', String(deadLetters)],
    ]),
    '',
    'What a record of access passes, in order:',
    ...way.map((part, index) => `  ${index + 1}. ${part}`),
  ].join('\n');
}
