import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventBridgeBus } from '../../../lambdas/adapters/eventbridge-bus/eventbridge-bus.ts';
import { sqsDeadLetters } from '../../../lambdas/adapters/sqs-dead-letters/sqs-dead-letters.ts';
import { eventOfDelivery } from '../../../lambdas/contracts/bus-envelope.ts';
import { EVENT_ROUTES } from '../../../lambdas/contracts/routes.ts';
import type { LockstepEvent } from '../../../lambdas/core/events.ts';
import { eachRecord } from '../../../lambdas/shell/each-record.ts';
import { createLog } from '../../../lambdas/shell/log.ts';
import { postponeDelivery } from '../../../lambdas/shell/postpone-delivery.ts';
import type { BusUnderTest } from '../../ports/bus-contract.ts';
import { clientAt } from './bed-client.ts';
import { feedQueues, MAX_RECEIVES, type FedQueue } from './fed-queues.ts';

const HANDLERS = [...new Set(EVENT_ROUTES.map(({ handler }) => handler))];

/** Attempts follow at once: how long they wait is the backoff's own test. */
const AT_ONCE = { maxAttempts: MAX_RECEIVES, baseSeconds: 0, capSeconds: 0 };

/** How long something may take that the bed does at once. */
const PATIENCE_MS = 30_000;

type Work = (event: LockstepEvent) => Promise<void>;

/**
 * The way of an event on a bed: the adapter, the bed's bus, the rules and queues that `lib/` makes of the routes table,
 * and the batch shell behind a poller. The poller stands in for Lambda's.
 */
export async function busAt(url: string): Promise<BusUnderTest> {
  const [events, sqs] = [new EventBridgeClient(clientAt(url)), new SQSClient(clientAt(url))];
  const { busName, queues, remove } = await feedQueues({ events, sqs }, HANDLERS);
  const works = new Map<string, Work>();
  return {
    bus: eventBridgeBus({ client: events, bus: busName, random: Math.random, pause: (ms) => sleep(ms) }),
    deadLetters: sqsDeadLetters({ client: sqs, queues: queues.map(deadLetterQueue) }),
    attempts: MAX_RECEIVES,
    wire: (handler, work) => void works.set(handler, work),
    until: async (condition) => {
      const giveUpAt = performance.now() + PATIENCE_MS;
      while (!(await condition())) {
        if (performance.now() > giveUpAt) throw new Error('what was waited for has not happened');
        await Promise.all(queues.map((each) => drain(sqs, each, works)));
      }
    },
    cleanUp: async () => {
      await remove();
      events.destroy();
      sqs.destroy();
    },
  };
}

const deadLetterQueue = ({ handler, queue, dead }: FedQueue) => ({
  handler,
  queueUrl: queue.url,
  queueArn: queue.arn,
  deadLetterUrl: dead.url,
  deadLetterArn: dead.arn,
});

/** Polls until nothing comes: what fails comes again at once, and is given up by the bed in the end. */
async function drain(client: SQSClient, from: FedQueue, works: ReadonlyMap<string, Work>): Promise<void> {
  while ((await poll(client, from, works)) > 0);
}

/** What Lambda does with a queue, once: takes a batch, and deletes what did not fail. Tells how many there were. */
async function poll(
  client: SQSClient,
  { handler, queue: { url } }: FedQueue,
  works: ReadonlyMap<string, Work>,
): Promise<number> {
  const { Messages: messages = [] } = await client.send(
    new ReceiveMessageCommand({
      QueueUrl: url,
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    }),
  );
  const Records = messages.map(({ MessageId = '', ReceiptHandle = '', Body = '', Attributes }) => ({
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: { ApproximateReceiveCount: Attributes?.ApproximateReceiveCount ?? '' },
  }));
  const options = {
    log: createLog({ level: 'error', clock: () => new Date(0), write: () => undefined }),
    random: () => 0,
    postpone: postponeDelivery(client, url),
    dropped: () => undefined,
    retries: AT_ONCE,
  };
  const { batchItemFailures } = await eachRecord(options, { Records }, async (body) => {
    await works.get(handler)?.(eventOfDelivery(JSON.parse(body)));
  });
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  for (const { messageId, receiptHandle } of Records)
    if (!failed.has(messageId))
      await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: receiptHandle }));
  return Records.length;
}
