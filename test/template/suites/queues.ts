import { expect, it } from 'vitest';
import { busPattern } from '../../../lambdas/contracts/bus-envelope.ts';
import { deadLetterQueueName, queueName } from '../../../lambdas/contracts/names.ts';
import {
  ACCESS_EVENT_ROUTES,
  ACCESS_SCHEDULED_ROUTES,
  EVENT_ROUTES,
  FOREIGN_ROUTES,
  SCHEDULED_ROUTES,
} from '../../../lambdas/contracts/routes.ts';
import { DELIVERY_RETRIES } from '../../../lambdas/core/propagation/backoff.ts';
import { verdictOf } from '../../rights/one-policy.ts';
import type { Policy } from '../../rights/policy.ts';
import { roleOf } from '../roles.ts';
import { mayByIdentity } from '../../rights/one-policy.ts';
import { example } from '../the-example.ts';
import type { Resource, SynthesizedEnvironment } from '../synthesized-environment.ts';
import { parseEvent } from '../../../lambdas/contracts/parse-event.ts';
import { text } from '../text-of.ts';

const arnOfQueue = (environment: SynthesizedEnvironment, name: string): string =>
  `arn:aws:sqs:${environment.region}:${environment.account}:${name}`;
const nameOf = ({ properties }: Resource): string => text(properties['QueueName']);

/** The rules that send to a queue. */
const rulesTo = (environment: SynthesizedEnvironment, queue: string): readonly Resource[] =>
  environment
    .ofType('AWS::Events::Rule')
    .filter(({ properties }) => targetsOf(properties).some(({ Arn }) => Arn === queue));

interface Target {
  readonly Arn: string;
  readonly DeadLetterConfig?: { readonly Arn: string };
}
const targetsOf = (properties: Resource['properties']): readonly Target[] =>
  (properties['Targets'] ?? []) as unknown as readonly Target[];

/** Whether a queue takes messages of a rule, and of no other. */
function accepts(environment: SynthesizedEnvironment, queue: string, rule: Resource): boolean {
  const arn = text(environment.resolve(rule.stack, { 'Fn::GetAtt': [rule.id, 'Arn'] }));
  const policies = environment
    .ofType('AWS::SQS::QueuePolicy')
    .map(({ properties }) => properties['PolicyDocument'] as unknown as Policy)
    .filter(({ Statement }) => Statement.some(({ Resource: resource }) => resource === queue));
  const says = (source: string) =>
    policies.map((policy) =>
      verdictOf(
        policy,
        {
          action: 'sqs:SendMessage',
          resource: queue,
          context: { 'aws:SourceArn': source, 'aws:SecureTransport': 'true' },
        },
        'service:events.amazonaws.com',
      ),
    );
  return says(arn).includes('allowed') && !says(`${arn}-of-somebody-else`).includes('allowed');
}

// Every route has its rule, queue and permission; every queue has dead letters, and every dead letter an alarm.

/** The example has something to lease. */
const OWN_ROUTES = [...EVENT_ROUTES, ...ACCESS_EVENT_ROUTES];
const CLOCKED_ROUTES = [...SCHEDULED_ROUTES, ...ACCESS_SCHEDULED_ROUTES];

it.each(OWN_ROUTES)(
  'queues: our events $types reach $handler: rule on our bus, queue, permission, function',
  (route) => {
    for (const environment of example().environments) {
      const queue = arnOfQueue(environment, queueName(environment.name, route.handler));
      const { source, detailType, detail } = busPattern(route);
      const pattern = { source, 'detail-type': detailType, ...(detail ? { detail } : {}) };
      const rules = rulesTo(environment, queue).filter(
        ({ properties }) => JSON.stringify(properties['EventPattern']) === JSON.stringify(pattern),
      );
      expect(rules).toHaveLength(1);
      for (const rule of rules) {
        expect(rule.properties['EventBusName']).toBe(`lockstep-${environment.name}-bus`);
        expect(rule.properties['State']).toBe('ENABLED');
        expect(accepts(environment, queue, rule)).toBe(true);
      }
      expect(feeds(environment, queue)).toBe(`lockstep-${environment.name}-${route.handler}`);
    }
  },
);

it.each(FOREIGN_ROUTES)(
  'queues: AWS’s events $detailTypes reach $handler from the default bus, reads included where they are needed',
  (route) => {
    for (const environment of example().environments) {
      const queue = arnOfQueue(environment, queueName(environment.name, route.handler));
      const rules = rulesTo(environment, queue).filter(
        ({ properties }) =>
          JSON.stringify(
            (properties['EventPattern'] as { readonly 'detail-type'?: unknown } | undefined)?.['detail-type'],
          ) === JSON.stringify(route.detailTypes),
      );
      expect(rules).toHaveLength(1);
      for (const rule of rules) {
        expect(rule.properties['EventBusName']).toBeUndefined();
        expect(rule.properties['State']).toBe(
          route.needsReadOnlyEvents ? 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS' : 'ENABLED',
        );
        expect(rule.properties['EventPattern']).toMatchObject({
          source: route.sources,
          ...(route.eventNames
            ? { detail: { eventSource: ['secretsmanager.amazonaws.com'], eventName: route.eventNames } }
            : {}),
        });
        expect(accepts(environment, queue, rule)).toBe(true);
      }
      expect(feeds(environment, queue)).toBe(`lockstep-${environment.name}-${route.handler}`);
    }
  },
);

it.each(CLOCKED_ROUTES)(
  'queues: $type comes to $handler every $everySeconds s',
  ({ handler, everySeconds }) => {
    for (const environment of example().environments) {
      const queue = arnOfQueue(environment, queueName(environment.name, handler));
      const minutes = everySeconds / 60;
      const rules = rulesTo(environment, queue).filter(
        ({ properties }) =>
          properties['ScheduleExpression'] === `rate(${minutes} minute${minutes === 1 ? '' : 's'})`,
      );
      expect(rules).toHaveLength(1);
      for (const rule of rules) expect(accepts(environment, queue, rule)).toBe(true);
      expect(feeds(environment, queue)).toBe(`lockstep-${environment.name}-${handler}`);
    }
  },
);

it('queues: has no rule that no route asks for, and each keeps what it cannot deliver with its function’s dead letters', () => {
  for (const environment of example().environments) {
    const rules = environment.ofType('AWS::Events::Rule');
    expect(rules).toHaveLength(OWN_ROUTES.length + FOREIGN_ROUTES.length + CLOCKED_ROUTES.length);
    for (const rule of rules)
      for (const { Arn: arn, DeadLetterConfig: dead } of targetsOf(rule.properties)) {
        expect(dead?.Arn).toBe(`${arn}-dead-letters`);
        expect(accepts(environment, `${arn}-dead-letters`, rule)).toBe(true);
      }
  }
});

it('queues: a function gets a message as often as the retries say, one failure at a time, with time to finish', () => {
  for (const environment of example().environments)
    for (const mapping of sqsMappings(environment)) {
      expect(mapping.properties['FunctionResponseTypes']).toEqual(['ReportBatchItemFailures']);
      const queue = environment
        .ofType('AWS::SQS::Queue')
        .find((each) => arnOfQueue(environment, nameOf(each)) === mapping.properties['EventSourceArn']);
      const handler = environment
        .ofType('AWS::Lambda::Function')
        .find(({ properties }) => properties['FunctionName'] === mapping.properties['FunctionName']);
      expect(queue?.properties['RedrivePolicy']).toMatchObject({
        maxReceiveCount: DELIVERY_RETRIES.maxAttempts,
      });
      expect(Number(queue?.properties['VisibilityTimeout'])).toBeGreaterThanOrEqual(
        6 * Number(handler?.properties['Timeout']),
      );
      const { statements } = roleOf(
        environment,
        nameOf(queue as Resource).slice(`lockstep-${environment.name}-`.length) as 'operate',
      );
      for (const action of [
        'ReceiveMessage',
        'DeleteMessage',
        'GetQueueAttributes',
        'ChangeMessageVisibility',
      ])
        expect(
          mayByIdentity(statements, {
            action: `sqs:${action}`,
            resource: text(mapping.properties['EventSourceArn']),
          }),
        ).toBe(true);
    }
});

it('queues: every queue has dead letters, or is where dead letters are; and an alarm stands over each', () => {
  for (const environment of example().environments) {
    const queues = environment.ofType('AWS::SQS::Queue');
    const dead = queues.filter(({ properties }) => properties['RedrivePolicy'] === undefined);
    const working = queues.filter((each) => !dead.includes(each));
    const targets = [
      ...working.map(
        ({ properties }) =>
          (properties['RedrivePolicy'] as { readonly deadLetterTargetArn: string }).deadLetterTargetArn,
      ),
      ...environment
        .ofType('AWS::Lambda::EventSourceMapping')
        .map(
          ({ properties }) =>
            (
              properties['DestinationConfig'] as
                { readonly OnFailure: { readonly Destination: string } } | undefined
            )?.OnFailure.Destination,
        ),
      ...environment
        .ofType('AWS::Scheduler::Schedule')
        .map(
          ({ properties }) =>
            (properties['Target'] as { readonly DeadLetterConfig: { readonly Arn: string } }).DeadLetterConfig
              .Arn,
        ),
    ];
    const byName = ['timers', 'expiries', 'on-call'].map(
      (name) => `lockstep-${environment.name}-${name}-dead-letters`,
    );
    const isKnown = (name: string): boolean =>
      byName.includes(name) || targets.includes(arnOfQueue(environment, name));
    expect(dead.map(nameOf).filter((name) => !isKnown(name))).toEqual([]);
    const without = (queuesOf: readonly Resource[], metric: string): readonly string[] =>
      queuesOf.map(nameOf).filter((name) => alarmsOver(environment, name, metric).length !== 1);
    expect(without(dead, 'ApproximateNumberOfMessagesVisible')).toEqual([]);
    expect(without(working, 'ApproximateAgeOfOldestMessage')).toEqual([]);
  }
});

it('queues: dead letters come from the one queue that they are of, and from no queue where a service puts them', () => {
  for (const environment of example().environments) {
    const queues = environment.ofType('AWS::SQS::Queue');
    for (const dead of queues.filter(({ properties }) => properties['RedrivePolicy'] === undefined)) {
      const name = nameOf(dead);
      const sources = queues.filter(
        ({ properties }) =>
          (properties['RedrivePolicy'] as { readonly deadLetterTargetArn: string } | undefined)
            ?.deadLetterTargetArn === arnOfQueue(environment, name),
      );
      expect(dead.properties['RedriveAllowPolicy'], name).toEqual(
        sources.length === 0
          ? { redrivePermission: 'denyAll' }
          : {
              redrivePermission: 'byQueue',
              sourceQueueArns: sources.map((source) => arnOfQueue(environment, nameOf(source))),
            },
      );
    }
  }
});

it('queues: no alarm looks at a queue that does not exist', () => {
  for (const environment of example().environments) {
    const names = environment.ofType('AWS::SQS::Queue').map(nameOf);
    for (const { properties } of environment.ofType('AWS::CloudWatch::Alarm')) {
      if (properties['Namespace'] !== 'AWS/SQS') continue;
      const [dimension] = properties['Dimensions'] as unknown as readonly { readonly Value: string }[];
      expect(names).toContain(dimension?.Value);
    }
  }
});

it('queues: the outbox is read from its oldest event, new events only, and what is given up is kept', () => {
  for (const environment of example().environments) {
    const [mapping] = environment
      .ofType('AWS::Lambda::EventSourceMapping')
      .filter(({ properties }) => text(properties['EventSourceArn']).includes(':dynamodb:'));
    const givenUp = arnOfQueue(environment, deadLetterQueueName(environment.name, 'publish-outbox'));
    expect(mapping?.properties).toMatchObject({
      FunctionName: `lockstep-${environment.name}-publish-outbox`,
      StartingPosition: 'TRIM_HORIZON',
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 10,
      DestinationConfig: { OnFailure: { Destination: givenUp } },
    });
    const pattern = { eventName: ['INSERT'], dynamodb: { Keys: { pk: { S: ['outbox#pending'] } } } };
    expect(mapping?.properties['FilterCriteria']).toEqual({
      Filters: [{ Pattern: JSON.stringify(pattern) }],
    });
    const [ledger] = environment
      .ofType('AWS::DynamoDB::GlobalTable')
      .filter(({ stack }) => stack === 'rotation');
    expect(ledger?.properties['StreamSpecification']).toEqual({ StreamViewType: 'NEW_IMAGE' });
  }
});

it('queues: each credential’s clock puts an event on our bus that request-rotation reads, with the tick’s time as its request', () => {
  for (const environment of example().environments) {
    const schedules = environment.ofType('AWS::Scheduler::Schedule');
    const credentials = environment.declared.inventory.credentials.map(({ name }) => name);
    const events = schedules.map(({ properties }) => {
      const target = properties['Target'] as unknown as {
        readonly Arn: string;
        readonly Input: string;
        readonly EventBridgeParameters: unknown;
        readonly RoleArn: string;
      };
      expect(target.Arn).toBe(
        `arn:aws:events:${environment.region}:${environment.account}:event-bus/lockstep-${environment.name}-bus`,
      );
      expect(target.EventBridgeParameters).toEqual({ Source: 'lockstep', DetailType: 'rotation.due' });
      const { statements } = roleOf(environment, 'cadence' as 'operate');
      const publish = (type: string) =>
        mayByIdentity(statements, {
          action: 'events:PutEvents',
          resource: target.Arn,
          context: { 'events:source': ['lockstep'], 'events:detail-type': [type] },
        });
      expect([publish('rotation.due'), publish('page.requested')]).toEqual([true, false]);
      // As Scheduler writes it out when it fires.
      return parseEvent(
        JSON.parse(target.Input.replaceAll('<aws.scheduler.scheduled-time>', '2027-03-01T04:05:00Z')),
      );
    });
    expect(
      events.map((event) => (event.type === 'rotation.due' ? event.detail.credential : '')).sort(),
    ).toEqual([...credentials].sort());
    for (const event of events)
      expect(event).toMatchObject({
        type: 'rotation.due',
        environment: environment.name,
        detail: { cause: 'cadence', requestId: 'cadence 2027-03-01T04:05:00Z' },
      });
    const times = new Set(schedules.map(({ properties }) => properties['ScheduleExpression']));
    expect(times.size).toBe(schedules.length);
  }
});

const sqsMappings = (environment: SynthesizedEnvironment): readonly Resource[] =>
  environment
    .ofType('AWS::Lambda::EventSourceMapping')
    .filter(({ properties }) => text(properties['EventSourceArn']).includes(':sqs:'));

const feeds = (environment: SynthesizedEnvironment, queue: string): string =>
  sqsMappings(environment)
    .filter(({ properties }) => properties['EventSourceArn'] === queue)
    .map(({ properties }) => text(properties['FunctionName']))
    .join();

const alarmsOver = (
  environment: SynthesizedEnvironment,
  queue: string,
  metric: string,
): readonly Resource[] =>
  environment
    .ofType('AWS::CloudWatch::Alarm')
    .filter(
      ({ properties }) =>
        properties['MetricName'] === metric &&
        JSON.stringify(properties['Dimensions']) === JSON.stringify([{ Name: 'QueueName', Value: queue }]),
    );
