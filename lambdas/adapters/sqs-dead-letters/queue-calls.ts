import {
  ChangeMessageVisibilityBatchCommand,
  ReceiveMessageCommand,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { foreignName, LockstepError } from '../../core/errors.ts';

/** Most messages in one SQS request. */
const MAX_BATCH = 10;

/** How long a message that is looked at stays hidden from other lookers, unless it is put back before. */
const LOOK_SECONDS = 60;

/** No usable answer from SQS. */
export const unavailable = (action: string, handler: string, error: unknown): LockstepError =>
  new LockstepError(
    'BUS_UNAVAILABLE',
    `could not ${action} the dead letters of ${handler} (${foreignName(error)}); none is lost, try again`,
    { cause: error },
  );

/**
 * Up to `limit` messages of a queue, each once. SQS has no way of reading without receiving, so they are
 * hidden for a minute: `putBack` shows them again. Nothing is deleted.
 */
export async function look(
  client: SQSClient,
  handler: string,
  queueUrl: string,
  limit: number,
): Promise<readonly Message[]> {
  const seen = new Map<string, Message>();
  while (seen.size < limit) {
    const request = new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: Math.min(MAX_BATCH, limit - seen.size),
      VisibilityTimeout: LOOK_SECONDS,
      // Asks all of SQS's servers; a short poll asks some, and may see none of the messages there are.
      WaitTimeSeconds: 1,
      MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
    });
    const { Messages: messages = [] } = await client
      .send(request)
      .catch((error: unknown) => Promise.reject(unavailable('read', handler, error)));
    const before = seen.size;
    for (const message of messages) if (message.MessageId !== undefined) seen.set(message.MessageId, message);
    if (seen.size === before) break;
  }
  return [...seen.values()];
}

/** Shows messages again at once. What fails here shows itself when its time has run out. */
export async function putBack(
  client: SQSClient,
  queueUrl: string,
  messages: readonly Message[],
): Promise<void> {
  for (let at = 0; at < messages.length; at += MAX_BATCH) {
    const entries = messages.slice(at, at + MAX_BATCH).map(({ ReceiptHandle }, index) => ({
      Id: String(index),
      ReceiptHandle,
      VisibilityTimeout: 0,
    }));
    await client
      .send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries: entries }))
      .catch(() => undefined);
  }
}
