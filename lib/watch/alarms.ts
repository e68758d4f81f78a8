/* oxlint-disable no-new -- a construct adds itself to its scope */
import { CfnAlarm, type CfnAlarmProps } from 'aws-cdk-lib/aws-cloudwatch';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { deadLetterQueueName, queueName } from '../../lambdas/contracts/names.ts';
import { alarmsFor, type Alarm } from '../../lambdas/core/alarms.ts';
import { ENVIRONMENT_DIMENSION, METRICS_NAMESPACE } from '../../lambdas/contracts/metric-place.ts';
import { hasLeases } from '../access/lease-kinds.ts';
import { queueFed } from '../queues/dead-letter-queues.ts';
import { siteName, type Site } from '../site.ts';

/** Properties of `Alarms`. */
export interface AlarmsProps {
  readonly site: Site;
  readonly topic: Topic;
}

/** Longer than the longest run of attempts at one message: whatever waits this long waits for nobody. */
const FORGOTTEN_SECONDS = 4 * 3600;

/** Every alarm there is, and all of them here: those of the table that both worlds share, and those of the queues. */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, { site, topic }: AlarmsProps) {
    super(scope, id);
    const all = [
      ...alarmsFor(site.inventory).map((alarm) => ofTable(site, alarm)),
      ...queuesOfDeadLetters(site).map((queue) => notEmpty(site, queue)),
      ...queueFed(site).map((name) => notTaken(site, queueName(site.inventory.environment, name))),
    ];
    for (const props of all)
      new CfnAlarm(this, String(props.alarmName), {
        ...props,
        alarmActions: [topic.topicArn],
        okActions: [topic.topicArn],
      });
  }
}

/** Every queue that holds what somebody gave up. */
const queuesOfDeadLetters = (site: Site): readonly string[] => [
  ...queueFed(site).map((name) => deadLetterQueueName(site.inventory.environment, name)),
  deadLetterQueueName(site.inventory.environment, 'publish-outbox'),
  ...['timers', 'cadence', 'on-call', ...(hasLeases(site.inventory) ? ['expiries'] : [])].map((name) =>
    siteName(site, `${name}-dead-letters`),
  ),
];

type Props = Omit<CfnAlarmProps, 'alarmActions' | 'okActions'>;

const STATISTICS = { sum: 'Sum', maximum: 'Maximum' } as const;
const COMPARISONS = {
  'at-least': 'GreaterThanOrEqualToThreshold',
  'less-than': 'LessThanThreshold',
} as const;
const MISSING = { fine: 'notBreaching', breach: 'breaching' } as const;

/** What an alarm says, to whoever it wakes: what happened, to what, and what to run first. */
function description(
  { inventory: { environment } }: Site,
  {
    severity,
    title,
    about,
    what,
    firstCommand,
  }: Pick<Alarm, 'severity' | 'title' | 'about' | 'what' | 'firstCommand'>,
): string {
  return [
    `[${severity}] ${title}`,
    `About: ${about} (${environment})`,
    what,
    `First command to run: ${firstCommand} --stage ${environment}`,
  ].join('\n\n');
}

function ofTable(site: Site, alarm: Alarm): Props {
  const { environment } = site.inventory;
  // CloudWatch adds up over no dimension by itself: an alarm has to name exactly those that were written.
  const dimensions = { [ENVIRONMENT_DIMENSION]: environment, ...alarm.labels };
  return {
    alarmName: siteName(site, alarm.id),
    alarmDescription: description(site, alarm),
    namespace: METRICS_NAMESPACE,
    metricName: alarm.metric,
    dimensions: Object.entries(dimensions).map(([name, value]) => ({ name, value })),
    statistic: STATISTICS[alarm.statistic],
    comparisonOperator: COMPARISONS[alarm.comparison],
    threshold: alarm.threshold,
    period: alarm.periodSeconds,
    evaluationPeriods: alarm.periods,
    treatMissingData: MISSING[alarm.missing],
  };
}

/** Properties of an alarm about a queue. */
interface QueueAlarm {
  readonly queue: string;
  readonly metricName: string;
  readonly threshold: number;
  readonly alarmName: string;
  readonly title: string;
  readonly what: string;
}

const ofQueue = (
  site: Site,
  { queue, metricName, threshold, alarmName, title, what }: QueueAlarm,
): Props => ({
  alarmName,
  alarmDescription: description(site, {
    severity: 'high',
    title,
    about: `the queue ${queue}`,
    what,
    firstCommand: 'lockstep status',
  }),
  namespace: 'AWS/SQS',
  metricName,
  dimensions: [{ name: 'QueueName', value: queue }],
  statistic: 'Maximum',
  comparisonOperator: 'GreaterThanOrEqualToThreshold',
  threshold,
  period: 300,
  evaluationPeriods: 1,
  treatMissingData: 'notBreaching',
});

const notEmpty = (site: Site, queue: string): Props =>
  ofQueue(site, {
    queue,
    metricName: 'ApproximateNumberOfMessagesVisible',
    threshold: 1,
    alarmName: `${queue}-not-empty`,
    title: 'A message was given up',
    what: 'Something was given up and lies in this queue. Nothing is lost: the log of its function says why, and the runbook what may be driven again.',
  });

const notTaken = (site: Site, queue: string): Props =>
  ofQueue(site, {
    queue,
    metricName: 'ApproximateAgeOfOldestMessage',
    threshold: FORGOTTEN_SECONDS,
    alarmName: `${queue}-not-taken`,
    title: 'A message is not taken',
    what: 'A message has been in this queue for longer than all attempts at it take: its function is not run, or is throttled. Look at the log of that function.',
  });
