import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { sqsDeadLetters } from '../../../lambdas/adapters/sqs-dead-letters/sqs-dead-letters.ts';
import type { DeadLetters } from '../../../lambdas/core/ports/bus.ts';
import type { EventOf } from '../../../lambdas/core/events.ts';
import { anAdvance } from '../../fakes/an-event.ts';
import { codeOf } from '../../ports/under-test.ts';
import { itDeviates } from '../deviations/it-deviates.ts';
import { outcomeOf } from '../deviations/outcome-of.ts';
import { deviation } from '../deviations/table.ts';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { clientAt } from '../ports/bed-client.ts';
import { makeQueue, type BedQueue } from '../ports/bed-queues.ts';
import { jsonAnswer, type Interceptor } from '../proxy/bed-proxy.ts';
import { describeFaults, type FaultCase, type FaultsUnderTest } from './describe-faults.ts';
import { startFaultyBed, type Fault } from './faulty-bed.ts';
import { impatient } from './impatient.ts';
import { namedError } from './service-errors.ts';

interface LettersUnderFaults extends FaultsUnderTest {
  readonly letters: DeadLetters;
  readonly give: (event: EventOf<'rotation.advanced'>) => Promise<void>;
  /** How many messages a queue holds, those that somebody looks at included. */
  readonly count: (queue: 'live' | 'dead') => Promise<number>;
  /** The ids of the events that the handler's queue holds. */
  readonly live: () => Promise<readonly string[]>;
}

/** As a delivery of ours lies in a queue. */
const delivery = (event: EventOf<'rotation.advanced'>): string =>
  JSON.stringify({ source: 'lockstep', 'detail-type': event.type, detail: event });

/** Moving is a task of SQS in the background, one for each queue; the bed has none. */
function movingTask(): Interceptor {
  let isRunning = false;
  return async (call, pass) => {
    if (call.action === 'ListMessageMoveTasks')
      return jsonAnswer(200, { Results: isRunning ? [{ Status: 'RUNNING' }] : [] });
    if (call.action !== 'StartMessageMoveTask') return pass(call);
    if (isRunning)
      return namedError(
        call,
        'AWS.SimpleQueueService.UnsupportedOperation',
        'There is already a task running',
      );
    isRunning = true;
    return jsonAnswer(200, { TaskHandle: 'task' });
  };
}

async function lettersUnderFaults(isImpatient: boolean): Promise<LettersUnderFaults> {
  // Not on MiniStack: ministack-deletes-a-message-once.
  const { moto } = bedAddresses();
  const bed = await startFaultyBed(moto, [movingTask()]);
  const direct = new SQSClient(clientAt(moto));
  const queues = { live: await makeQueue(direct, 'live'), dead: await makeQueue(direct, 'dead') };
  const settings = clientAt(bed.url);
  const client = new SQSClient(isImpatient ? impatient(settings) : settings);
  return {
    bed,
    letters: sqsDeadLetters({ client, queues: [pairOf(queues)] }),
    give: async (event) => {
      await direct.send(new SendMessageCommand({ QueueUrl: queues.dead.url, MessageBody: delivery(event) }));
    },
    count: (which) => countOf(direct, queues[which].url),
    live: () => idsIn(direct, queues.live.url),
    cleanUp: async () => {
      for (const queue of Object.values(queues)) await queue.remove();
      direct.destroy();
      client.destroy();
      await bed.close();
    },
  };
}

const pairOf = ({ live, dead }: { readonly live: BedQueue; readonly dead: BedQueue }) => ({
  handler: 'advance-rotation',
  queueUrl: live.url,
  queueArn: live.arn,
  deadLetterUrl: dead.url,
  deadLetterArn: dead.arn,
});

async function countOf(client: SQSClient, QueueUrl: string): Promise<number> {
  const { Attributes: found } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return Object.values(found ?? {}).reduce((sum, each) => sum + Number(each), 0);
}

async function idsIn(client: SQSClient, QueueUrl: string): Promise<readonly string[]> {
  const { Messages: messages = [] } = await client.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
  );
  return messages.map(({ Body = '' }) => (JSON.parse(Body) as { detail: { id: string } }).detail.id);
}

const withOne = ({ give }: LettersUnderFaults): Promise<void> => give(anAdvance(1));

/** Looking hides what it has received, also from a repeat of the look whose answer was lost. */
const LOSES_A_LOOK: readonly Fault[] = ['cut-after', 'silent-after'];

const CASES: readonly FaultCase<LettersUnderFaults>[] = [
  {
    name: 'listing',
    action: 'ReceiveMessage',
    code: 'BUS_UNAVAILABLE',
    attempts: 3,
    // A look waits a second by itself, longer than the impatient.
    except: [...LOSES_A_LOOK, 'silent-before'],
    prepare: withOne,
    run: ({ letters }) => letters.list(),
    check: async (_subject, answer) => expect(answer).toMatchObject([{ event: anAdvance(1) }]),
  },
  {
    name: 'driving all again',
    action: 'StartMessageMoveTask',
    code: 'BUS_UNAVAILABLE',
    attempts: 3,
    // Where it began and its answer was lost it is found running, which is an answer.
    except: LOSES_A_LOOK,
    prepare: withOne,
    run: ({ letters }) => letters.redrive(),
    check: async (_subject, answer) => expect(answer).toBe(1),
  },
  {
    name: 'counting them',
    action: 'GetQueueAttributes',
    code: 'BUS_UNAVAILABLE',
    attempts: 3,
    prepare: withOne,
    run: ({ letters }) => letters.redrive(),
    check: async (_subject, answer) => expect(answer).toBe(1),
  },
];

describeFaults('the dead letters', lettersUnderFaults, CASES);

describe.concurrent('a queue of dead letters that fails', () => {
  it('finds the task running whose start was lost', () =>
    withLetter(async ({ bed, letters }) => {
      bed.plan('StartMessageMoveTask', 'cut-after', Number.POSITIVE_INFINITY);
      expect(await letters.redrive()).toBe(1);
    }));

  it.each(['throttled', 'broken', 'cut-before', 'cut-after'] as const)(
    'loses no letter about one credential where it is %s while it is moved',
    (fault) =>
      withLetter(async ({ bed, letters, live, count }) => {
        bed.plan('SendMessage', fault);
        bed.plan('DeleteMessage', fault);
        expect(await letters.redrive('vector-store')).toBe(1);
        // At least once: the queue's handler stands a repeat.
        expect(new Set(await live())).toEqual(new Set(['event-1']));
        expect(await count('dead')).toBe(0);
      }),
  );

  it('keeps a letter that could not be sent where it is', () =>
    withLetter(async ({ bed, letters, count }) => {
      bed.plan('SendMessage', 'broken', Number.POSITIVE_INFINITY);
      expect(await codeOf(letters.redrive('vector-store'))).toBe('BUS_UNAVAILABLE');
      expect([await count('live'), await count('dead')]).toEqual([0, 1]);
    }));

  it('loses no letter by a look whose answer is lost: it is hidden for a while', () =>
    withLetter(async ({ bed, letters, count }) => {
      bed.plan('ReceiveMessage', 'cut-after');
      expect(await letters.list()).toEqual([]);
      expect(await count('dead')).toBe(1);
    }));

  it('shows letters again whose putting back failed, when their time is up', () =>
    withLetter(async ({ bed, letters, count }) => {
      bed.plan('ChangeMessageVisibilityBatch', 'broken', Number.POSITIVE_INFINITY);
      expect(await letters.list()).toHaveLength(1);
      expect(await count('dead')).toBe(1);
    }));
});

itDeviates(
  deviation('ministack-deletes-a-message-once'),
  { bed: 'ReceiptHandleIsInvalid', aws: 'done' },
  async () => {
    const client = new SQSClient(clientAt(bedAddresses().ministack));
    const queue = await makeQueue(client, 'deleted-twice');
    await client.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: 'probe' }));
    const { Messages: [message] = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl: queue.url }),
    );
    const request = { QueueUrl: queue.url, ReceiptHandle: message?.ReceiptHandle };
    await client.send(new DeleteMessageCommand(request));
    const outcome = await outcomeOf(client.send(new DeleteMessageCommand(request)));
    await queue.remove();
    client.destroy();
    return outcome;
  },
);

/** One letter in a queue of dead letters, for one test. */
async function withLetter(work: (subject: LettersUnderFaults) => Promise<void>): Promise<void> {
  const subject = await lettersUnderFaults(false);
  try {
    await withOne(subject);
    await work(subject);
  } finally {
    await subject.cleanUp();
  }
}
