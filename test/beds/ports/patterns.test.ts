import {
  DeleteRuleCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  TestEventPatternCommand,
} from '@aws-sdk/client-eventbridge';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FOREIGN_ROUTES } from '../../../lambdas/contracts/routes.ts';
import { rulesFor } from '../../../lib/queues/routed-rules.ts';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { BED_ACCOUNT, BED_REGION } from '../launch/ministack.ts';
import { clientAt, uniqueName } from './bed-client.ts';
import { makeQueue, type BedQueue } from './bed-queues.ts';

/** An event of AWS, as EventBridge delivers it. */
interface AwsEvent {
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail: Readonly<Record<string, unknown>>;
}

const envelope = {
  version: '0',
  id: '00000000-0000-4000-8000-000000000001',
  account: BED_ACCOUNT,
  time: '2026-11-24T10:00:00Z',
  region: BED_REGION,
  resources: [],
};

const VECTORS = new URL('../../vectors/cloudtrail/', import.meta.url);
const recorded = readdirSync(VECTORS)
  .filter((name) => name.endsWith('.json'))
  .map(
    (name) => (JSON.parse(readFileSync(new URL(name, VECTORS), 'utf8')) as { readonly input: unknown }).input,
  )
  .filter(
    (input): input is AwsEvent => typeof input === 'object' && input !== null && 'detail-type' in input,
  );

const label = { name: 'lockstep/test/vector-store', labelUpdated: 'AWSCURRENT', versionId: 'v' };
const made = (source: string, type: string, detail: AwsEvent['detail']): AwsEvent => ({
  ...envelope,
  source,
  'detail-type': type,
  detail,
});
const CALL = 'AWS API Call via CloudTrail';
const read = { eventSource: 'secretsmanager.amazonaws.com', eventName: 'GetSecretValue' };

/** What CloudTrail recorded, and what only looks like it. */
const EVENTS: readonly AwsEvent[] = [
  ...recorded,
  made('aws.secretsmanager', 'Secret Label Updated', label),
  made('aws.secretsmanager', CALL, read),
  made('aws.secretsmanager', CALL, { ...read, eventSource: 'kms.amazonaws.com' }),
  made('aws.secretsmanager', CALL, { ...read, eventName: 'GetRandomPassword' }),
  made('aws.secretsmanager', CALL, { eventName: 'GetSecretValue' }),
  made('somebody', CALL, read),
  made('somebody', 'Secret Label Updated', label),
];

/** What the routes say of an event, in plain words. */
const concerns = (handler: string, event: AwsEvent): boolean =>
  FOREIGN_ROUTES.some(
    (route) =>
      route.handler === handler &&
      route.sources.includes(event.source) &&
      route.detailTypes.includes(event['detail-type']) &&
      (route.eventNames === undefined ||
        (route.eventNames.includes(String(event.detail['eventName'])) &&
          event.detail['eventSource'] === 'secretsmanager.amazonaws.com')),
  );

const RULES = [...new Set(FOREIGN_ROUTES.map(({ handler }) => handler))].flatMap((handler) =>
  rulesFor(handler).flatMap(({ bus, when }) =>
    bus === 'default' && when.eventPattern !== undefined
      ? [{ handler, pattern: JSON.stringify(when.eventPattern) }]
      : [],
  ),
);

const { ministack, moto } = bedAddresses();

describe('the rules of the default bus', () => {
  it.each(RULES)(
    'match what concerns $handler and nothing else, says MiniStack',
    async ({ handler, pattern }) => {
      const client = new EventBridgeClient(clientAt(ministack));
      const matched: AwsEvent[] = [];
      for (const event of EVENTS) {
        const Event = JSON.stringify({ ...envelope, ...event });
        const { Result } = await client.send(new TestEventPatternCommand({ EventPattern: pattern, Event }));
        if (Result === true) matched.push(event);
      }
      expect(matched).toEqual(EVENTS.filter((event) => concerns(handler, event)));
    },
  );

  it.each(RULES)(
    'bring $handler what concerns it and nothing else, on moto',
    async ({ handler, pattern }) => {
      const [client, sqs] = [new EventBridgeClient(clientAt(moto)), new SQSClient(clientAt(moto))];
      const [Name, queue] = [uniqueName('rule'), await makeQueue(sqs, 'matched')];
      const State = 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';
      await client.send(new PutRuleCommand({ Name, EventPattern: pattern, State }));
      await client.send(new PutTargetsCommand({ Rule: Name, Targets: [{ Id: 'Queue', Arn: queue.arn }] }));
      for (const { source: Source, 'detail-type': DetailType, detail } of EVENTS) {
        const Entries = [{ Source, DetailType, Detail: JSON.stringify(detail) }];
        await client.send(new PutEventsCommand({ Entries }));
      }
      const details = await detailsIn(sqs, queue);
      await client.send(new RemoveTargetsCommand({ Rule: Name, Ids: ['Queue'] }));
      await client.send(new DeleteRuleCommand({ Name }));
      await queue.remove();
      const expected = EVENTS.filter((event) => concerns(handler, event)).map(({ detail }) =>
        JSON.stringify(detail),
      );
      expect([...details].sort()).toEqual([...expected].sort());
    },
  );
});

async function detailsIn(client: SQSClient, { url: QueueUrl }: BedQueue): Promise<readonly string[]> {
  const all: string[] = [];
  for (;;) {
    const request = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 });
    const { Messages: messages = [] } = await client.send(request);
    if (messages.length === 0) return all;
    for (const { Body = '', ReceiptHandle } of messages) {
      all.push(JSON.stringify((JSON.parse(Body) as AwsEvent).detail));
      await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
}
