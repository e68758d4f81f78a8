import { createHash } from 'node:crypto';
import { jsonDouble, ServiceError, type JsonDouble, type JsonInput } from './json-double.ts';

/** A message in a queue of the double. */
interface StoredMessage {
  readonly id: string;
  readonly body: string;
  received: number;
  /** Hidden until then, in milliseconds of the double's clock. */
  hiddenUntil: number;
  handle: string;
}

/** SQS with queues by URL. Its clock stands still unless the test moves it. */
export interface SqsDouble extends JsonDouble {
  /** What Lambda does with a queue: takes what is visible, and deletes what did not fail. */
  poll(
    queue: string,
    handle: (records: readonly StoredMessage[]) => Promise<ReadonlySet<string>>,
  ): Promise<void>;
  /** Ends a move that was started from a dead-letter queue. */
  finishMoving(source: string, destination: string): void;
  /** Lets time pass. */
  pass(milliseconds: number): void;
  urlOf(queue: string): string;
  send(queue: string, body: string): StoredMessage;
  messages(queue: string): readonly StoredMessage[];
  /** ARNs of queues from which SQS is moving messages in the background. */
  readonly moving: Set<string>;
}

const SENT_AT = Date.parse('2026-11-24T09:00:00.000Z');
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** What the redrive policy of every queue says. */
export const MAX_RECEIVES = 3;

/** The queues and their clock. */
class Queues {
  readonly moving = new Set<string>();
  now = 0;
  #handles = 0;
  readonly #messages = new Map<string, StoredMessage[]>();

  /** The queue that a URL or a name means. */
  of(queue: unknown): StoredMessage[] {
    const name = String(queue).split('/').at(-1) ?? '';
    const messages = this.#messages.get(name) ?? [];
    this.#messages.set(name, messages);
    return messages;
  }

  send(queue: unknown, body: string): StoredMessage {
    const messages = this.of(queue);
    const name = String(queue).split('/').at(-1);
    const message = { id: `m-${name}-${messages.length}`, body, received: 0, hiddenUntil: 0, handle: '' };
    messages.push(message);
    return message;
  }

  visible(queue: unknown): readonly StoredMessage[] {
    return this.of(queue).filter(({ hiddenUntil }) => hiddenUntil <= this.now);
  }

  byHandle(queue: unknown, handle: unknown): StoredMessage {
    const found = this.of(queue).find((message) => message.handle === handle);
    if (found) return found;
    throw new ServiceError('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.');
  }

  hide(queue: unknown, handle: unknown, seconds: unknown): void {
    this.byHandle(queue, handle).hiddenUntil = this.now + visibility(seconds);
  }

  receive({ QueueUrl: queue, MaxNumberOfMessages: most, VisibilityTimeout: seconds }: JsonInput): unknown {
    // SQS gives what it likes, up to what was asked: here never more than three.
    const given = this.visible(queue).slice(0, Math.min(3, Number(most)));
    return {
      Messages: given.map((message) => {
        message.received += 1;
        message.hiddenUntil = this.now + visibility(seconds);
        message.handle = `handle-${(this.#handles += 1)}`;
        return {
          MessageId: message.id,
          ReceiptHandle: message.handle,
          Body: message.body,
          MD5OfBody: md5(message.body),
          Attributes: { ApproximateReceiveCount: String(message.received), SentTimestamp: String(SENT_AT) },
        };
      }),
    };
  }

  /** With a dead-letter queue behind it, named `<queue>-dead`, for what was received too often. */
  async poll(
    queue: string,
    handle: (records: readonly StoredMessage[]) => Promise<ReadonlySet<string>>,
  ): Promise<void> {
    for (const message of this.visible(queue)) {
      if (message.received < MAX_RECEIVES) continue;
      this.of(queue).splice(this.of(queue).indexOf(message), 1);
      // A moved message keeps how often it was received.
      this.send(`${queue}-dead`, message.body).received = message.received;
    }
    this.receive({ QueueUrl: queue, MaxNumberOfMessages: 10, VisibilityTimeout: 60 });
    const taken = this.of(queue).filter(({ hiddenUntil }) => hiddenUntil === this.now + 60_000);
    if (taken.length === 0) return;
    const failed = await handle(taken);
    for (const { id, handle: receipt } of taken)
      if (!failed.has(id)) this.delete({ QueueUrl: queue, ReceiptHandle: receipt });
  }

  delete({ QueueUrl: queue, ReceiptHandle: handle }: JsonInput): void {
    const messages = this.of(queue);
    messages.splice(messages.indexOf(this.byHandle(queue, handle)), 1);
  }

  hideMany({ QueueUrl: queue, Entries: given }: JsonInput): unknown {
    const entries = given as readonly JsonInput[];
    if (entries.length < 1 || entries.length > 10)
      throw new ServiceError('TooManyEntriesInBatchRequest', 'at most 10');
    for (const { ReceiptHandle: handle, VisibilityTimeout: seconds } of entries)
      this.hide(queue, handle, seconds);
    return { Successful: entries.map(({ Id }) => ({ Id })), Failed: [] };
  }

  startMoving({ SourceArn: source }: JsonInput): unknown {
    const arn = String(source);
    if (this.moving.has(arn))
      throw new ServiceError('UnsupportedOperation', 'There is already a task running.');
    this.moving.add(arn);
    return { TaskHandle: 'task' };
  }

  /** What SQS does in the background after that: everything goes to where it came from. */
  finishMoving(source: string, destination: string): void {
    if (!this.moving.delete(`arn:aws:sqs:us-east-1:111122223333:${source}`)) return;
    for (const { body } of this.of(source).splice(0)) this.send(destination, body);
  }
}

/** Starts one. */
export async function sqsDouble(): Promise<SqsDouble> {
  const queues = new Queues();
  const double = await jsonDouble(
    { signedFor: 'sqs', target: 'AmazonSQS', version: '1.0' },
    {
      ReceiveMessage: (input) => queues.receive(input),
      SendMessage: ({ QueueUrl: queue, MessageBody: text }) => {
        const { id, body } = queues.send(queue, String(text));
        return { MessageId: id, MD5OfMessageBody: md5(body) };
      },
      DeleteMessage: (input) => queues.delete(input),
      ChangeMessageVisibility: ({ QueueUrl: queue, ReceiptHandle: handle, VisibilityTimeout: seconds }) =>
        queues.hide(queue, handle, seconds),
      ChangeMessageVisibilityBatch: (input) => queues.hideMany(input),
      GetQueueAttributes: ({ QueueUrl: queue }) => ({
        Attributes: { ApproximateNumberOfMessages: String(queues.visible(queue).length) },
      }),
      StartMessageMoveTask: (input) => queues.startMoving(input),
      ListMessageMoveTasks: ({ SourceArn: source }) => ({
        Results: queues.moving.has(String(source)) ? [{ Status: 'RUNNING', SourceArn: source }] : [],
      }),
    },
  );
  return {
    ...double,
    moving: queues.moving,
    urlOf: (queue) => `${double.url}/111122223333/${queue}`,
    send: (queue, body) => queues.send(queue, body),
    messages: (queue) => queues.of(queue),
    poll: (queue, handle) => queues.poll(queue, handle),
    finishMoving: (source, destination) => queues.finishMoving(source, destination),
    pass: (milliseconds) => void (queues.now += milliseconds),
  };
}

function visibility(seconds: unknown): number {
  const value = Number(seconds);
  if (!Number.isInteger(value) || value < 0 || value > 43_200)
    throw new ServiceError('InvalidParameterValue', 'VisibilityTimeout must be 0 to 43200');
  return value * 1000;
}
