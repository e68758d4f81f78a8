import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  SendMessageCommand,
  StartMessageMoveTaskCommand,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { eventOfDelivery } from '../../contracts/bus-envelope.ts';
import { parseJson } from '../../contracts/check.ts';
import { isLockstepError } from '../../core/errors.ts';
import { credentialOf, type LockstepEvent } from '../../core/events.ts';
import type { DeadLetter, DeadLetters } from '../../core/ports/bus.ts';
import { look, putBack, unavailable } from './queue-calls.ts';

/** One handler's queue and the queue of what it gave up. */
export interface DeadLetterQueue {
  readonly handler: string;
  /** Where the handler takes its deliveries from. */
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly deadLetterUrl: string;
  readonly deadLetterArn: string;
}

/** What the dead letters need from outside. */
export interface SqsDeadLettersOptions {
  readonly client: SQSClient;
  readonly queues: readonly DeadLetterQueue[];
}

/** Most letters of one queue that are shown. */
const SHOWN = 100;

/** Most letters of one queue that are looked through for one credential. */
const SEARCHED = 1000;

/**
 * `DeadLetters` on SQS dead-letter queues. What it lists is approximate, as everything that SQS counts: a
 * letter that somebody else is looking at is missing for a minute.
 */
export function sqsDeadLetters({ client, queues }: SqsDeadLettersOptions): DeadLetters {
  return {
    list: async () => (await ofEach(queues, (queue) => lettersOf(client, queue))).flat(),
    redrive: async (credential) => {
      const counts = await ofEach(queues, (queue) =>
        credential === undefined ? moveAll(client, queue) : moveThoseAbout(client, queue, credential),
      );
      return counts.reduce((sum, count) => sum + count, 0);
    },
  };
}

/**
 * The same with every queue, with all of them at once: SQS takes a second to say that one is empty. Throws what the
 * first of those that failed threw, but not before all have ended: what was taken from a queue is put back.
 */
async function ofEach<T>(
  queues: readonly DeadLetterQueue[],
  work: (queue: DeadLetterQueue) => Promise<T>,
): Promise<readonly T[]> {
  const all = queues.map((queue) => work(queue));
  await Promise.allSettled(all);
  return Promise.all(all);
}

async function lettersOf(
  client: SQSClient,
  { handler, deadLetterUrl }: DeadLetterQueue,
): Promise<readonly DeadLetter[]> {
  const messages = await look(client, handler, deadLetterUrl, SHOWN);
  await putBack(client, deadLetterUrl, messages);
  return messages.map((message) => toLetter(handler, message));
}

function toLetter(handler: string, { MessageId: id = '', Body, Attributes }: Message): DeadLetter {
  const event = eventIn(Body);
  return {
    id,
    handler,
    ...(event && { event }),
    attempts: Number(Attributes?.ApproximateReceiveCount ?? 0),
    lastError: `kept by no queue: search the log of ${handler} for ${event?.id ?? id}`,
    at: new Date(Number(Attributes?.SentTimestamp ?? 0)).toISOString(),
  };
}

/** Our event in a message; none where it was AWS's, or nothing that can be read. */
function eventIn(body: string | undefined): LockstepEvent | undefined {
  try {
    return eventOfDelivery(parseJson(body ?? '', 'MALFORMED_EVENT', 'a dead letter'));
  } catch (error) {
    if (isLockstepError(error, 'MALFORMED_EVENT')) return undefined;
    throw error;
  }
}

/**
 * SQS itself moves everything to the handler's queue, in the background. The queue is named: a letter that a rule
 * could not deliver has come from no queue, and would not know the way back.
 */
async function moveAll(client: SQSClient, queue: DeadLetterQueue): Promise<number> {
  const { handler, queueArn, deadLetterUrl, deadLetterArn } = queue;
  const { Attributes: attributes } = await client
    .send(
      new GetQueueAttributesCommand({
        QueueUrl: deadLetterUrl,
        AttributeNames: ['ApproximateNumberOfMessages'],
      }),
    )
    .catch((error: unknown) => Promise.reject(unavailable('count', handler, error)));
  const count = Number(attributes?.ApproximateNumberOfMessages ?? 0);
  if (count === 0) return 0;
  try {
    const task = { SourceArn: deadLetterArn, DestinationArn: queueArn };
    await client.send(new StartMessageMoveTaskCommand(task));
  } catch (error) {
    // One task a queue: where one is running, what is asked for is being done.
    if (!(await isMoving(client, deadLetterArn))) throw unavailable('move', handler, error);
  }
  return count;
}

async function isMoving(client: SQSClient, sourceArn: string): Promise<boolean> {
  const tasks = await client
    .send(new ListMessageMoveTasksCommand({ SourceArn: sourceArn, MaxResults: 1 }))
    .catch(() => undefined);
  return tasks?.Results?.[0]?.Status === 'RUNNING';
}

/** SQS cannot move by content, so each letter about the credential is sent again, and only then deleted. */
async function moveThoseAbout(
  client: SQSClient,
  { handler, queueUrl, deadLetterUrl }: DeadLetterQueue,
  credential: string,
): Promise<number> {
  const messages = await look(client, handler, deadLetterUrl, SEARCHED);
  const isAboutIt = ({ Body }: Message): boolean => {
    const event = eventIn(Body);
    return event !== undefined && credentialOf(event) === credential;
  };
  const about = messages.filter(isAboutIt);
  await putBack(
    client,
    deadLetterUrl,
    messages.filter((message) => !about.includes(message)),
  );
  for (const { Body, ReceiptHandle } of about) {
    // A crash between the two delivers it twice, which every handler stands.
    await client
      .send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: Body }))
      .then(() => client.send(new DeleteMessageCommand({ QueueUrl: deadLetterUrl, ReceiptHandle })))
      .catch((error: unknown) => Promise.reject(unavailable('move', handler, error)));
  }
  return about.length;
}
