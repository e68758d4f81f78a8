import { createHash } from 'node:crypto';
import { jsonDouble, ServiceError, type JsonDouble, type JsonInput } from './json-double.ts';

/** A message in a queue of the double. */
export interface StoredMessage {
  readonly id: string;
  readonly body: string;
  received: number;
  /** Hidden until then, in milliseconds of the double's clock. */
  hiddenUntil: number;
  handle: string;
}

/** SQS with queues by URL. Its clock stands still unless the test moves it. */
export interface SqsDouble extends JsonDouble {
  now: number;
  urlOf(queue: string): string;
  send(queue: string, body: string): StoredMessage;
  messages(queue: string): readonly StoredMessage[];
  /** ARNs of queues from which SQS is moving messages in the background. */
  readonly moving: Set<string>;
}

const SENT_AT = Date.parse('2026-11-24T09:00:00.000Z');

/** Starts one. */
export async function sqsDouble(): Promise<SqsDouble> {
  const queues = new Map<string, StoredMessage[]>();
  const clock = { now: 0 };
  const moving = new Set<string>();
  let handles = 0;
  let base = '';
  const nameIn = (input: JsonInput): string => String(input['QueueUrl']).replace(`${base}/111122223333/`, '');
  const queueOf = (name: string): StoredMessage[] => {
    const queue = queues.get(name) ?? [];
    queues.set(name, queue);
    return queue;
  };
  const push = (name: string, body: string): StoredMessage => {
    const message = {
      id: `m-${name}-${queueOf(name).length}`,
      body,
      received: 0,
      hiddenUntil: 0,
      handle: '',
    };
    queueOf(name).push(message);
    return message;
  };
  const byHandle = (input: JsonInput, handle: unknown): StoredMessage => {
    const found = queueOf(nameIn(input)).find((message) => message.handle === handle);
    if (!found) throw new ServiceError('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.');
    return found;
  };

  const receive = (input: JsonInput): unknown => {
    const visible = queueOf(nameIn(input)).filter(({ hiddenUntil }) => hiddenUntil <= clock.now);
    // SQS gives what it likes, up to what was asked: here never more than three.
    const given = visible.slice(0, Math.min(3, Number(input['MaxNumberOfMessages'])));
    return {
      Messages: given.map((message) => {
        message.received += 1;
        message.hiddenUntil = clock.now + Number(input['VisibilityTimeout']) * 1000;
        message.handle = `handle-${(handles += 1)}`;
        return {
          MessageId: message.id,
          ReceiptHandle: message.handle,
          Body: message.body,
          MD5OfBody: createHash('md5').update(message.body).digest('hex'),
          Attributes: { ApproximateReceiveCount: String(message.received), SentTimestamp: String(SENT_AT) },
        };
      }),
    };
  };

  const double = await jsonDouble(
    { signedFor: 'sqs', target: 'AmazonSQS', version: '1.0' },
    {
      ReceiveMessage: receive,
      SendMessage: (input) => {
        const { id, body } = push(nameIn(input), String(input['MessageBody']));
        return { MessageId: id, MD5OfMessageBody: createHash('md5').update(body).digest('hex') };
      },
      DeleteMessage: (input) => {
        const message = byHandle(input, input['ReceiptHandle']);
        const queue = queueOf(nameIn(input));
        queue.splice(queue.indexOf(message), 1);
      },
      ChangeMessageVisibility: (input) => {
        byHandle(input, input['ReceiptHandle']).hiddenUntil =
          clock.now + visibility(input['VisibilityTimeout']);
      },
      ChangeMessageVisibilityBatch: (input) => {
        const entries = input['Entries'] as readonly JsonInput[];
        if (entries.length < 1 || entries.length > 10)
          throw new ServiceError('TooManyEntriesInBatchRequest', 'at most 10');
        for (const entry of entries)
          byHandle(input, entry['ReceiptHandle']).hiddenUntil =
            clock.now + visibility(entry['VisibilityTimeout']);
        return { Successful: entries.map(({ Id }) => ({ Id })), Failed: [] };
      },
      GetQueueAttributes: (input) => ({
        Attributes: {
          ApproximateNumberOfMessages: String(
            queueOf(nameIn(input)).filter(({ hiddenUntil }) => hiddenUntil <= clock.now).length,
          ),
        },
      }),
      StartMessageMoveTask: (input) => {
        const arn = String(input['SourceArn']);
        if (moving.has(arn))
          throw new ServiceError('UnsupportedOperation', 'There is already a task running.');
        moving.add(arn);
        return { TaskHandle: 'task' };
      },
      ListMessageMoveTasks: (input) => ({
        Results: moving.has(String(input['SourceArn']))
          ? [{ Status: 'RUNNING', SourceArn: input['SourceArn'] }]
          : [],
      }),
    },
  );
  base = double.url;
  return {
    ...double,
    moving,
    urlOf: (queue) => `${base}/111122223333/${queue}`,
    send: push,
    messages: (queue) => queueOf(queue),
    get now() {
      return clock.now;
    },
    set now(value: number) {
      clock.now = value;
    },
  };
}

function visibility(seconds: unknown): number {
  const value = Number(seconds);
  if (!Number.isInteger(value) || value < 0 || value > 43_200)
    throw new ServiceError('InvalidParameterValue', 'VisibilityTimeout must be 0 to 43200');
  return value * 1000;
}
