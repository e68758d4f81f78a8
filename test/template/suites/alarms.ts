import { expect, it } from 'vitest';
import { emfMetrics } from '../../../lambdas/adapters/emf-metrics/emf-metrics.ts';
import { ALARMS } from '../../../lambdas/core/alarms.ts';
import { METRICS } from '../../../lambdas/core/metric-names.ts';
import { example } from '../the-example.ts';
import { verdictOf } from '../../rights/one-policy.ts';
import type { Policy } from '../../rights/policy.ts';
import { text } from '../text-of.ts';

const STATISTICS = { sum: 'Sum', maximum: 'Maximum' };
const COMPARISONS = { 'at-least': 'GreaterThanOrEqualToThreshold', 'less-than': 'LessThanThreshold' };

/** One metric as a function's log line tells CloudWatch to keep it: namespace, and the sets of dimensions with their values. */
function asWritten(
  environment: string,
  metric: keyof typeof METRICS,
  labels: Readonly<Record<string, string>>,
) {
  const lines: string[] = [];
  const metrics = emfMetrics({ environment, clock: () => new Date(0), write: (line) => lines.push(line) });
  metrics.gauge(metric, labels, 1);
  metrics.flush();
  const line = JSON.parse(lines[0] ?? '{}') as Readonly<Record<string, unknown>> & {
    readonly ['_aws']: {
      readonly CloudWatchMetrics: readonly {
        readonly Namespace: string;
        readonly Dimensions: readonly (readonly string[])[];
      }[];
    };
  };
  return line['_aws'].CloudWatchMetrics.map(({ Namespace: namespace, Dimensions: sets }) => ({
    namespace,
    sets: sets.map((set) => Object.fromEntries(set.map((name) => [name, line[name]]))),
  }))[0];
}

// The alarms of the table, as CloudWatch would raise them, looking exactly where functions write.

it.each(ALARMS)(
  'alarms: $id: same metric, place, threshold and time as in the table, with its text',
  (alarm) => {
    for (const environment of example().environments) {
      const found = environment
        .ofType('AWS::CloudWatch::Alarm')
        .filter(({ properties }) => properties['AlarmName'] === `lockstep-${environment.name}-${alarm.id}`);
      expect(found).toHaveLength(1);
      const properties = found[0]?.properties ?? {};
      expect(properties).toMatchObject({
        Namespace: 'Lockstep',
        MetricName: alarm.metric,
        Statistic: STATISTICS[alarm.statistic],
        ComparisonOperator: COMPARISONS[alarm.comparison],
        Threshold: alarm.threshold,
        Period: alarm.periodSeconds,
        EvaluationPeriods: alarm.periods,
        TreatMissingData: alarm.missing === 'breach' ? 'breaching' : 'notBreaching',
      });
      const description = text(properties['AlarmDescription']);
      for (const part of [alarm.title, alarm.what, alarm.firstCommand, alarm.severity])
        expect(description).toContain(part);
      expect(description.length).toBeLessThanOrEqual(1024);
    }
  },
);

it('alarms: every one of them says what happened, to what, and the first command to run there', () => {
  for (const environment of example().environments) {
    const all = environment.ofType('AWS::CloudWatch::Alarm');
    expect(all.length).toBeGreaterThan(ALARMS.length);
    for (const { properties } of all) {
      const [title, about, what, first] = text(properties['AlarmDescription']).split('\n\n');
      expect(title).toMatch(/^\[(critical|high|medium)\] [A-Z]/);
      expect(about).toMatch(new RegExp(`^About: .+ \\(${environment.name}\\)$`));
      expect(what).toMatch(/\.$/);
      expect(first).toMatch(
        new RegExp(`^First command to run: lockstep [a-z].* --stage ${environment.name}$`),
      );
    }
  }
});

it.each(ALARMS)('alarms: $id looks at dimensions that functions do write', (alarm) => {
  for (const environment of example().environments) {
    const labels = Object.fromEntries(
      METRICS[alarm.metric].labels.map((label) => [label, alarm.labels?.[label] ?? 'any']),
    );
    const written = asWritten(environment.name, alarm.metric, labels);
    const [found] = environment
      .ofType('AWS::CloudWatch::Alarm')
      .filter(({ properties }) => properties['AlarmName'] === `lockstep-${environment.name}-${alarm.id}`);
    const dimensions = (found?.properties['Dimensions'] ?? []) as unknown as readonly {
      readonly Name: string;
      readonly Value: string;
    }[];
    expect(written?.sets).toContainEqual(
      Object.fromEntries(dimensions.map(({ Name, Value }) => [Name, Value])),
    );
    expect(found?.properties['Namespace']).toBe(written?.namespace);
  }
});

it('alarms: all of them are in the watch, and tell the on-call topic, which takes it from them', () => {
  for (const environment of example().environments) {
    const [topic] = environment.ofType('AWS::SNS::Topic');
    const [policy] = environment.ofType('AWS::SNS::TopicPolicy');
    if (!topic || !policy) throw new Error('no topic');
    const arn = text(environment.resolve('watch', { Ref: topic.id }));
    for (const { properties, stack } of environment.ofType('AWS::CloudWatch::Alarm')) {
      expect(stack).toBe('watch');
      expect(properties['AlarmActions']).toEqual([arn]);
      const publish = (account: string) =>
        verdictOf(
          policy.properties['PolicyDocument'] as unknown as Policy,
          {
            action: 'sns:Publish',
            resource: arn,
            context: {
              'aws:SourceAccount': account,
              'aws:SecureTransport': 'true',
              'aws:SourceArn': `arn:aws:cloudwatch:${environment.region}:${account}:alarm:${text(properties['AlarmName'])}`,
            },
          },
          'service:cloudwatch.amazonaws.com',
        );
      expect([publish(environment.account), publish('999999999999')]).toEqual(['allowed', 'silent']);
    }
  }
});

it('alarms: whoever is on call is subscribed where the inventory says so, and what a subscriber does not take is kept', () => {
  for (const environment of example().environments) {
    const { onCallEmail } = environment.declared.deployment;
    const subscriptions = environment.ofType('AWS::SNS::Subscription').map(({ properties }) => properties);
    expect(subscriptions.map(({ Endpoint: endpoint }) => endpoint)).toEqual(
      onCallEmail === undefined ? [] : [onCallEmail],
    );
    for (const { RedrivePolicy: redrive } of subscriptions)
      expect(redrive).toEqual({
        deadLetterTargetArn: `arn:aws:sqs:${environment.region}:${environment.account}:lockstep-${environment.name}-on-call-dead-letters`,
      });
  }
});

it('alarms: makes a trail where there is none, of reads as well, and only there', () => {
  for (const environment of example().environments) {
    const trails = environment.ofType('AWS::CloudTrail::Trail');
    expect(trails).toHaveLength(environment.declared.deployment.trail === 'create' ? 1 : 0);
    for (const { properties } of trails)
      expect(properties).toMatchObject({
        IsLogging: true,
        EnableLogFileValidation: true,
        EventSelectors: [{ IncludeManagementEvents: true, ReadWriteType: 'All' }],
      });
  }
});

it('alarms: shows every alarm of the table, and only metrics that exist', () => {
  for (const environment of example().environments) {
    const [dashboard] = environment.ofType('AWS::CloudWatch::Dashboard');
    const body = text(dashboard?.properties['DashboardBody']);
    for (const { id } of ALARMS) expect(body).toContain(`alarm:lockstep-${environment.name}-${id}"`);
    const shown = [...body.matchAll(/MetricName=\\\\?"?\\?"?([a-z_]+)/g)].map(([, name]) => name);
    expect(shown.length).toBeGreaterThan(10);
    for (const name of shown) expect(Object.keys(METRICS)).toContain(name);
  }
});
