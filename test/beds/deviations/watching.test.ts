import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe } from 'vitest';
import { startClockedMinistack, type ClockedBed } from '../launch/clocked-ministack.ts';
import { BED_REGION } from '../launch/ministack.ts';
import { clientAt, uniqueName } from '../ports/bed-client.ts';
import { makeQueue } from '../ports/bed-queues.ts';
import { itDeviates } from './it-deviates.ts';
import { deviation } from './table.ts';

let bed: ClockedBed;
beforeAll(async () => {
  bed = await startClockedMinistack();
});
afterAll(() => bed.stop());

const SERVICES = {
  logs: { target: 'Logs_20140328', version: '1.1' },
  monitoring: { target: 'GraniteServiceVersion20100801', version: '1.0' },
} as const;

/** Calls CloudWatch, of which there is no client in this repository: it is only asked here. */
async function ask<T>(service: keyof typeof SERVICES, action: string, input: unknown): Promise<T> {
  const { target, version } = SERVICES[service];
  const scope = `test/20260101/${BED_REGION}/${service}/aws4_request`;
  const answer = await fetch(bed.url, {
    method: 'POST',
    headers: {
      'content-type': `application/x-amz-json-${version}`,
      'x-amz-target': `${target}.${action}`,
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(input),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${action} was answered ${answer.status} ${text}`);
  return JSON.parse(text === '' ? '{}' : text) as T;
}

const Namespace = 'Lockstep';
const dimensions = (environment: string) => [{ Name: 'Environment', Value: environment }];

/** An alarm as `lib/watch` makes them, over one metric of one environment. */
async function anAlarm(MetricName: string, besides: object = {}): Promise<string> {
  const AlarmName = uniqueName('alarm');
  await ask('monitoring', 'PutMetricAlarm', {
    AlarmName,
    Namespace,
    MetricName,
    Dimensions: dimensions('beds'),
    Statistic: 'Maximum',
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    Threshold: 1,
    Period: 60,
    EvaluationPeriods: 1,
    ...besides,
  });
  return AlarmName;
}

async function stateOf(AlarmName: string): Promise<string> {
  const { MetricAlarms: found } = await ask<{ readonly MetricAlarms: readonly { StateValue: string }[] }>(
    'monitoring',
    'DescribeAlarms',
    { AlarmNames: [AlarmName] },
  );
  return found[0]?.StateValue ?? 'no such alarm';
}

const metricsNamed = async (MetricName: string): Promise<number> => {
  const { Metrics: found } = await ask<{ readonly Metrics: readonly unknown[] }>(
    'monitoring',
    'ListMetrics',
    {
      MetricName,
    },
  );
  return found.length;
};

describe('alarms', () => {
  itDeviates(
    deviation('ministack-alarms-ignore-dimensions'),
    { bed: 'ALARM', aws: 'INSUFFICIENT_DATA' },
    async () => {
      const MetricName = uniqueName('metric');
      const alarm = await anAlarm(MetricName);
      const MetricData = [{ MetricName, Dimensions: dimensions('another'), Value: 1 }];
      await ask('monitoring', 'PutMetricData', { Namespace, MetricData });
      return stateOf(alarm);
    },
  );

  itDeviates(
    deviation('ministack-alarms-miss-nothing'),
    { bed: 'INSUFFICIENT_DATA', aws: 'ALARM' },
    async () => {
      const alarm = await anAlarm(uniqueName('metric'), { TreatMissingData: 'breaching' });
      bed.move(3600);
      // What the bed does by itself it does every second of its own time.
      await ask('monitoring', 'PutMetricData', {
        Namespace,
        MetricData: [{ MetricName: 'other', Value: 1 }],
      });
      return stateOf(alarm);
    },
  );
});

describe('metrics', () => {
  itDeviates(deviation('ministack-leaves-metrics-in-the-log'), { bed: 0, aws: 1 }, async () => {
    const [logGroupName, metric] = [uniqueName('group'), uniqueName('metric')];
    const CloudWatchMetrics = [{ Namespace, Dimensions: [['Environment']], Metrics: [{ Name: metric }] }];
    const line = {
      _aws: { Timestamp: bed.clock().getTime(), CloudWatchMetrics },
      Environment: 'beds',
      [metric]: 1,
    };
    await ask('logs', 'CreateLogGroup', { logGroupName });
    await ask('logs', 'CreateLogStream', { logGroupName, logStreamName: 'stream' });
    const logEvents = [{ timestamp: bed.clock().getTime(), message: JSON.stringify(line) }];
    await ask('logs', 'PutLogEvents', { logGroupName, logStreamName: 'stream', logEvents });
    return metricsNamed(metric);
  });

  itDeviates(deviation('ministack-measures-no-queues'), { bed: 0, aws: 1 }, async () => {
    const sqs = new SQSClient(clientAt(bed.url));
    const queue = await makeQueue(sqs, 'measured');
    await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: 'probe' }));
    bed.move(3600);
    const found = await metricsNamed('ApproximateNumberOfMessagesVisible');
    await queue.remove();
    return Math.min(found, 1);
  });
});
