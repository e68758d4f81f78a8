import {
  DeleteRuleCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  type PutEventsRequestEntry,
  type RuleState,
} from '@aws-sdk/client-eventbridge';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { SNSClient, CreateTopicCommand, PublishCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { ReceiveMessageCommand, SQSClient, StartMessageMoveTaskCommand } from '@aws-sdk/client-sqs';
import { describe } from 'vitest';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { clientAt, uniqueName } from '../ports/bed-client.ts';
import { makeQueue, type BedQueue } from '../ports/bed-queues.ts';
import { itDeviates } from './it-deviates.ts';
import { outcomeOf } from './outcome-of.ts';
import { deviation } from './table.ts';

const { ministack, moto } = bedAddresses();
const [events, sqs, sns] = [
  new EventBridgeClient(clientAt(ministack)),
  new SQSClient(clientAt(ministack)),
  new SNSClient(clientAt(ministack)),
];

/** The bodies that a queue gives within a second. */
async function bodiesIn({ url }: BedQueue): Promise<readonly string[]> {
  const request = new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 1 });
  const { Messages: messages = [] } = await sqs.send(request);
  return messages.map(({ Body = '' }) => Body);
}

interface Ruled {
  readonly source?: string;
  readonly detailType?: string;
  readonly state?: RuleState;
  readonly deadLetters?: BedQueue;
}

/** Runs with a rule of the default bus that leads into a queue. */
async function withRule<T>(ruled: Ruled, run: (queue: BedQueue, source: string) => Promise<T>): Promise<T> {
  const [Name, source] = [uniqueName('rule'), ruled.source ?? uniqueName('probe')];
  const queue = await makeQueue(sqs, 'ruled');
  const EventPattern = JSON.stringify({
    source: [source],
    ...(ruled.detailType && { 'detail-type': [ruled.detailType] }),
  });
  await events.send(new PutRuleCommand({ Name, EventPattern, State: ruled.state }));
  const target = {
    Id: 'Queue',
    Arn: queue.arn,
    ...(ruled.deadLetters && { DeadLetterConfig: { Arn: ruled.deadLetters.arn } }),
  };
  await events.send(new PutTargetsCommand({ Rule: Name, Targets: [target] }));
  try {
    return await run(queue, source);
  } finally {
    await events.send(new RemoveTargetsCommand({ Rule: Name, Ids: ['Queue'] }));
    await events.send(new DeleteRuleCommand({ Name }));
    await queue.remove().catch(() => undefined);
  }
}

const put = (entry: Partial<PutEventsRequestEntry>) =>
  events.send(new PutEventsCommand({ Entries: [{ DetailType: 'probe', Detail: '{}', ...entry }] }));

describe('rules', () => {
  itDeviates(deviation('ministack-rules-have-no-dead-letters'), { bed: 0, aws: 1 }, async () => {
    const deadLetters = await makeQueue(sqs, 'undelivered');
    const found = await withRule({ deadLetters }, async (queue, source) => {
      await queue.remove();
      await put({ Source: source });
      return bodiesIn(deadLetters);
    });
    await deadLetters.remove();
    return found.length;
  });

  itDeviates(deviation('ministack-rules-for-reads-sleep'), { bed: 0, aws: 1 }, () =>
    withRule({ state: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS' }, async (queue, source) => {
      await put({ Source: source });
      return (await bodiesIn(queue)).length;
    }),
  );

  itDeviates(deviation('ministack-tells-no-api-calls'), { bed: 0, aws: 1 }, () =>
    withRule({ source: 'aws.secretsmanager', detailType: 'AWS API Call via CloudTrail' }, async (queue) => {
      const secrets = new SecretsManagerClient(clientAt(ministack));
      const Name = uniqueName('read');
      await secrets.send(new CreateSecretCommand({ Name, SecretString: 'not-a-real-secret' }));
      await secrets.send(new GetSecretValueCommand({ SecretId: Name }));
      return (await bodiesIn(queue)).length;
    }),
  );
});

describe('events', () => {
  const at = '2020-01-02T03:04:05Z';
  itDeviates(deviation('ministack-sets-its-own-time'), { bed: false, aws: true }, () =>
    withRule({}, async (queue, source) => {
      await put({ Source: source, Time: new Date(at) });
      const [body = '{}'] = await bodiesIn(queue);
      return (JSON.parse(body) as { readonly time: string }).time === at;
    }),
  );

  itDeviates(
    deviation('ministack-takes-events-of-any-size'),
    { bed: 'done', aws: 'ValidationException' },
    () => outcomeOf(put({ Source: 'probe', Detail: JSON.stringify({ text: 'x'.repeat(1_100_000) }) })),
  );
});

describe('queues', () => {
  const move = async (url: string): Promise<string> => {
    const client = new SQSClient(clientAt(url));
    const dead = await makeQueue(client, 'dead');
    const queue = await makeQueue(client, 'queue', {
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 3 }),
    });
    const task = new StartMessageMoveTaskCommand({ SourceArn: dead.arn, DestinationArn: queue.arn });
    const outcome = await outcomeOf(client.send(task));
    await Promise.all([queue.remove(), dead.remove()]);
    return outcome;
  };
  itDeviates(deviation('ministack-moves-no-messages'), { bed: 'InvalidAction', aws: 'done' }, () =>
    move(ministack),
  );
  // A page of HTML, which is no answer of SQS.
  itDeviates(deviation('moto-moves-no-messages'), { bed: 'SyntaxError', aws: 'done' }, () => move(moto));
});

describe('topics', () => {
  const aTopic = async (): Promise<string> =>
    (await sns.send(new CreateTopicCommand({ Name: uniqueName('topic') }))).TopicArn ?? '';

  itDeviates(deviation('ministack-subscriptions-have-no-dead-letters'), { bed: 0, aws: 1 }, async () => {
    const [queue, undelivered] = [await makeQueue(sqs, 'receiver'), await makeQueue(sqs, 'undelivered')];
    const TopicArn = await aTopic();
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: undelivered.arn });
    await sns.send(
      new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queue.arn, Attributes: { RedrivePolicy } }),
    );
    await queue.remove();
    await sns.send(new PublishCommand({ TopicArn, Message: 'probe' }));
    const found = await bodiesIn(undelivered);
    await undelivered.remove();
    return found.length;
  });

  itDeviates(
    deviation('ministack-publishes-long-subjects'),
    { bed: 'done', aws: 'InvalidParameterException' },
    async () =>
      outcomeOf(
        sns.send(
          new PublishCommand({ TopicArn: await aTopic(), Subject: 'x'.repeat(101), Message: 'probe' }),
        ),
      ),
  );
});
