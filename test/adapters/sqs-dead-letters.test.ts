import { SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sqsDeadLetters } from '../../lambdas/adapters/sqs-dead-letters/sqs-dead-letters.ts';
import { toBusEntry } from '../../lambdas/contracts/bus-envelope.ts';
import type { LockstepEvent } from '../../lambdas/core/events.ts';
import type { DeadLetters } from '../../lambdas/core/ports/bus.ts';
import { postponeDelivery } from '../../lambdas/shell/postpone-delivery.ts';
import { clientOf, httpDouble } from './doubles/http-double.ts';
import { ServiceError } from './doubles/json-double.ts';
import { sqsDouble, type SqsDouble } from './doubles/sqs.ts';

const event = (id: string, credential = 'vector-store'): LockstepEvent => ({
  id,
  type: 'rotation.advanced',
  at: '2026-11-24T09:00:00.000Z',
  environment: 'staging',
  detail: { credential, rotation: 'r1' },
});

/** The event as its rule put it into the queue. */
function delivered(of: LockstepEvent): string {
  const { source, detailType, detail } = toBusEntry(of);
  return JSON.stringify({
    version: '0',
    id: 'aws',
    source,
    'detail-type': detailType,
    detail: JSON.parse(detail) as unknown,
  });
}

const arn = (queue: string): string => `arn:aws:sqs:us-east-1:111122223333:${queue}`;

let aws: SqsDouble;
let letters: DeadLetters;

beforeEach(async () => {
  aws = await sqsDouble();
  const queue = (handler: string) => ({
    handler,
    queueUrl: aws.urlOf(handler),
    queueArn: arn(handler),
    deadLetterUrl: aws.urlOf(`${handler}-dead`),
    deadLetterArn: arn(`${handler}-dead`),
  });
  letters = sqsDeadLetters({
    client: new SQSClient(clientOf(aws)),
    queues: [queue('advance-rotation'), queue('tell-webhook')],
  });
});
afterEach(() => aws.close());

const bodies = (queue: string): readonly string[] => aws.messages(queue).map(({ body }) => body);

describe('listing', () => {
  it('tells what was given up, by handler, and leaves it there to be seen at once by the next', async () => {
    for (let index = 0; index < 12; index += 1)
      aws.send('advance-rotation-dead', delivered(event(`e${index}`)));
    aws.send('tell-webhook-dead', delivered(event('t1')));
    const first = await letters.list();
    expect(first.map(({ event: each }) => each?.id ?? '').sort()).toEqual(
      [...Array.from({ length: 12 }, (_, index) => `e${index}`), 't1'].sort(),
    );
    expect(first[0]).toEqual({
      id: 'm-advance-rotation-dead-0',
      handler: 'advance-rotation',
      event: event('e0'),
      attempts: 1,
      lastError: 'kept by no queue: search the log of advance-rotation for e0',
      at: '2026-11-24T09:00:00.000Z',
    });
    expect(await letters.list()).toHaveLength(13);
    expect(bodies('advance-rotation-dead')).toHaveLength(12);
  });

  it('shows an event of AWS, and a message that cannot be read, without an event and without its text', async () => {
    aws.send(
      'tell-webhook-dead',
      JSON.stringify({ source: 'aws.secretsmanager', 'detail-type': 'x', detail: {} }),
    );
    aws.send('tell-webhook-dead', '{"password":"not-a-real');
    const listed = await letters.list();
    expect(listed.map(({ event: each }) => each)).toEqual([undefined, undefined]);
    expect(JSON.stringify(listed)).not.toContain('not-a-real');
  });

  it('is empty where nothing was given up', async () => {
    expect(await letters.list()).toEqual([]);
  });

  it('comes by itself even when putting back fails: a message is hidden for a minute, not lost', async () => {
    aws.send('tell-webhook-dead', delivered(event('t1')));
    aws.fail('ChangeMessageVisibilityBatch', new ServiceError('AccessDeniedException', 'no'));
    expect(await letters.list()).toHaveLength(1);
    expect(await letters.list()).toHaveLength(0);
    aws.pass(60_000);
    expect(await letters.list()).toHaveLength(1);
  });
});

describe('listing several queues', () => {
  it('asks all queues at once, since each takes a second to say that it is empty', async () => {
    const waiting: (() => void)[] = [];
    // Answers nobody before everybody has asked.
    const slow = await httpDouble('sqs', async () => {
      await new Promise<void>((resolve) => {
        if (waiting.push(resolve) === 3) for (const each of waiting) each();
      });
      return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: '{}' };
    });
    const queue = (handler: string) => ({
      handler,
      queueUrl: `${slow.url}/111122223333/${handler}`,
      queueArn: arn(handler),
      deadLetterUrl: `${slow.url}/111122223333/${handler}-dead`,
      deadLetterArn: arn(`${handler}-dead`),
    });
    const three = sqsDeadLetters({
      client: new SQSClient(clientOf(slow, 1)),
      queues: ['reconcile', 'tell-webhook', 'page-on-call'].map(queue),
    });
    expect(await three.list()).toEqual([]);
    await slow.close();
  });

  it('puts back what it took from one queue when another one fails', async () => {
    aws.send('tell-webhook-dead', delivered(event('t1')));
    aws.fail('ReceiveMessage', new ServiceError('AccessDeniedException', 'no'));
    await expect(letters.list()).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
    expect(await letters.list()).toHaveLength(1);
  });
});

describe('driving everything again', () => {
  it('has SQS move each queue that has letters back to where they came from', async () => {
    aws.send('advance-rotation-dead', delivered(event('e1')));
    aws.send('advance-rotation-dead', delivered(event('e2')));
    expect(await letters.redrive()).toBe(2);
    expect(aws.inputs('StartMessageMoveTask')).toEqual([
      { SourceArn: arn('advance-rotation-dead'), DestinationArn: arn('advance-rotation') },
    ]);
  });

  it('is content where SQS is moving them already', async () => {
    aws.send('advance-rotation-dead', delivered(event('e1')));
    aws.moving.add(arn('advance-rotation-dead'));
    expect(await letters.redrive()).toBe(1);
  });

  it('says BUS_UNAVAILABLE where SQS will not', async () => {
    aws.send('advance-rotation-dead', delivered(event('e1')));
    aws.fail('StartMessageMoveTask', new ServiceError('UnsupportedOperation', 'not a dead-letter queue'));
    await expect(letters.redrive()).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
  });

  it('does nothing where there is nothing', async () => {
    expect(await letters.redrive()).toBe(0);
    expect(aws.inputs('StartMessageMoveTask')).toEqual([]);
  });
});

describe('driving again what is about one credential', () => {
  it('moves those letters and leaves the others to be seen', async () => {
    const mine = [event('m1', 'mine'), event('m2', 'mine')].map(delivered);
    const others = Array.from({ length: 11 }, (_, index) => delivered(event(`o${index}`, 'other')));
    for (const body of [...others.slice(0, 6), ...mine, ...others.slice(6), 'rubbish'])
      aws.send('advance-rotation-dead', body);
    expect(await letters.redrive('mine')).toBe(2);
    expect(bodies('advance-rotation')).toEqual(mine);
    expect([...bodies('advance-rotation-dead')].sort()).toEqual([...others, 'rubbish'].sort());
    expect(await letters.list()).toHaveLength(12);
  });

  it('delivers twice rather than never when it dies between sending and deleting', async () => {
    aws.send('advance-rotation-dead', delivered(event('m1', 'mine')));
    aws.fail('DeleteMessage', new ServiceError('AccessDeniedException', 'no'));
    await expect(letters.redrive('mine')).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
    expect(bodies('advance-rotation')).toHaveLength(1);
    aws.pass(60_000);
    expect(await letters.redrive('mine')).toBe(1);
    expect(bodies('advance-rotation')).toHaveLength(2);
    expect(bodies('advance-rotation-dead')).toEqual([]);
  });

  it('deletes nothing that it could not send', async () => {
    aws.send('advance-rotation-dead', delivered(event('m1', 'mine')));
    aws.fail('SendMessage', new ServiceError('AccessDeniedException', 'no'));
    await expect(letters.redrive('mine')).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
    expect(bodies('advance-rotation-dead')).toHaveLength(1);
  });
});

it('postpones one delivery of one queue', async () => {
  const message = aws.send('advance-rotation', 'x');
  message.handle = 'handle-of-lambda';
  const postpone = postponeDelivery(new SQSClient(clientOf(aws)), aws.urlOf('advance-rotation'));
  await postpone('handle-of-lambda', 90);
  expect(message.hiddenUntil).toBe(90_000);
  await expect(postpone('another-handle', 90)).rejects.toMatchObject({ name: 'ReceiptHandleIsInvalid' });
});
