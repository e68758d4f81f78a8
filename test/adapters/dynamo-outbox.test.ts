import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dynamoLedger } from '../../lambdas/adapters/dynamo-ledger/dynamo-ledger.ts';
import { dynamoOutbox } from '../../lambdas/adapters/dynamo-ledger/dynamo-outbox.ts';
import { parseOutboxStream } from '../../lambdas/adapters/dynamo-ledger/outbox-stream.ts';
import type { LockstepEvent } from '../../lambdas/core/events.ts';
import { create, type Ledger, type Outbox } from '../../lambdas/core/ports/ledger.ts';
import { dynamoDouble, type DynamoDouble } from './doubles/dynamodb.ts';
import { clientOf } from './doubles/http-double.ts';

const TABLE = 'lockstep-staging-ledger';
const event = (id: string, second = 0): LockstepEvent => ({
  id,
  type: 'rotation.advanced',
  at: `2026-11-24T09:00:${String(second).padStart(2, '0')}.000Z`,
  environment: 'staging',
  detail: { credential: 'vector-store', rotation: 'r1' },
});

let aws: DynamoDouble;
let ledger: Ledger;
let outbox: Outbox;

beforeEach(async () => {
  aws = await dynamoDouble(TABLE);
  const client = new DynamoDBClient(clientOf(aws));
  let tokens = 0;
  ledger = dynamoLedger({
    client,
    table: TABLE,
    newId: () => `token-${(tokens += 1)}`,
    random: () => 0,
    pause: async () => undefined,
  });
  outbox = dynamoOutbox({ client, table: TABLE });
});
afterEach(() => aws.close());

describe('the outbox', () => {
  it('gives back what was committed, the oldest first, no more than asked for', async () => {
    const lock = { holder: 'a', fence: 1, until: '2026-11-24T10:00:00.000Z' };
    await ledger.commit([create('lock', 'c', 'lock', lock)], [event('late', 3), event('first', 1)]);
    await ledger.commit([], [event('second', 2)]);
    expect(await outbox.pending(10)).toEqual([event('first', 1), event('second', 2), event('late', 3)]);
    expect((await outbox.pending(2)).map(({ id }) => id)).toEqual(['first', 'second']);
  });

  it('reads over page ends', async () => {
    aws.pageSize = 3;
    await ledger.commit(
      [],
      Array.from({ length: 10 }, (_, index) => event(`e${index}`, index)),
    );
    expect(await outbox.pending(8)).toHaveLength(8);
    expect(await outbox.pending(50)).toHaveLength(10);
  });

  it('forgets exactly what was published, and is content with what is already gone', async () => {
    await ledger.commit([], [event('a', 1), event('b', 2), event('with#hash', 3)]);
    await outbox.markPublished(['a', 'with#hash', 'never-was']);
    await outbox.markPublished(['a']);
    expect((await outbox.pending(10)).map(({ id }) => id)).toEqual(['b']);
  });

  it('stops reading once it has found all that was published', async () => {
    aws.pageSize = 5;
    await ledger.commit(
      [],
      Array.from({ length: 50 }, (_, index) => event(`e${index}`, index)),
    );
    await outbox.markPublished(['e0', 'e1']);
    expect(aws.inputs('Query')).toHaveLength(1);
  });

  it('removes many in requests of twenty-five', async () => {
    const ids = Array.from({ length: 60 }, (_, index) => `e${index}`);
    await ledger.commit(
      [],
      ids.map((id, index) => event(id, index)),
    );
    await outbox.markPublished(ids);
    expect(await outbox.pending(100)).toEqual([]);
    expect(aws.inputs('BatchWriteItem')).toHaveLength(3);
  });
});

describe('the outbox in trouble', () => {
  it('sends nothing for nothing', async () => {
    await outbox.markPublished([]);
    expect(aws.calls).toEqual([]);
  });

  it('leaves an event where it is when the answer about it is lost, and takes the repeat', async () => {
    await ledger.commit([], [event('a')]);
    for (let time = 0; time < 3; time += 1) aws.fail('BatchWriteItem', 'lose-before');
    await expect(outbox.markPublished(['a'])).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    expect(await outbox.pending(10)).toHaveLength(1);
    aws.fail('BatchWriteItem', 'lose-after');
    await outbox.markPublished(['a']);
    expect(await outbox.pending(10)).toEqual([]);
  });

  it('says so when DynamoDB left some unprocessed', async () => {
    await ledger.commit([], [event('a')]);
    aws.fail('BatchWriteItem', {
      garbled: JSON.stringify({ UnprocessedItems: { [TABLE]: [{ DeleteRequest: { Key: {} } }] } }),
    });
    await expect(outbox.markPublished(['a'])).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  });

  it('passes over an item that is no event, wherever it lies, and counts it', async () => {
    for (const sk of ['2000#x', '9999#y'])
      aws.put({ pk: { S: 'outbox#pending' }, sk: { S: sk }, body: { S: '{"type":"rotation.invented"}' } });
    await ledger.commit([], [event('a')]);
    expect((await outbox.pending(1)).map(({ id }) => id)).toEqual(['a']);
    expect(await outbox.malformed()).toBe(2);
    await outbox.markPublished(['a']);
    expect(await outbox.pending(10)).toEqual([]);
    expect(await outbox.malformed()).toBe(2);
  });
});

describe('the stream of the table', () => {
  const change = (eventName: string, pk: string, body: string, SequenceNumber = '100') => ({
    eventID: 'x',
    eventName,
    eventSource: 'aws:dynamodb',
    dynamodb: {
      SequenceNumber,
      Keys: { pk: { S: pk }, sk: { S: 'k' } },
      NewImage: { pk: { S: pk }, sk: { S: 'k' }, body: { S: body } },
      StreamViewType: 'NEW_IMAGE',
    },
  });

  it('tells new events in their order, with the number to start again from', () => {
    const records = parseOutboxStream({
      Records: [
        change('INSERT', 'outbox#pending', JSON.stringify(event('a')), '100'),
        change('INSERT', 'lock#c', '{}', '101'),
        change('REMOVE', 'outbox#pending', JSON.stringify(event('a')), '102'),
        change('INSERT', 'outbox#pending', JSON.stringify(event('b')), '103'),
      ],
    });
    expect(records).toEqual([
      { sequenceNumber: '100', event: event('a') },
      { sequenceNumber: '103', event: event('b') },
    ]);
  });

  it.each([
    '',
    '{',
    '[]',
    '{"type":"rotation.invented"}',
    JSON.stringify({ ...event('a'), detail: { credential: 7 } }),
  ])('gives the number without an event for a body %j', (body) => {
    expect(parseOutboxStream({ Records: [change('INSERT', 'outbox#pending', body)] })).toEqual([
      { sequenceNumber: '100' },
    ]);
  });

  it.each([undefined, {}, { Records: [{}] }, { Records: [{ eventName: 'INSERT', dynamodb: {} }] }])(
    'says MALFORMED_EVENT of what is no batch: %j',
    (batch) => {
      expect(() => parseOutboxStream(batch)).toThrow(expect.objectContaining({ code: 'MALFORMED_EVENT' }));
    },
  );
});
