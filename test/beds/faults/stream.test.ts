import { UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseOutboxStream } from '../../../lambdas/adapters/dynamo-ledger/outbox-stream.ts';
import { LockstepError } from '../../../lambdas/core/errors.ts';
import type { LockstepEvent } from '../../../lambdas/core/events.ts';
import { create, replace } from '../../../lambdas/core/ports/ledger.ts';
import { publishCommitted } from '../../../lambdas/publish-outbox/publish-committed.ts';
import { anAdvance } from '../../fakes/an-event.ts';
import { codeOf } from '../../ports/under-test.ts';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { ledgerUnderFaults, type LedgerUnderFaults } from './ledger-under-faults.ts';
import { readStream, type StreamRecord } from './read-stream.ts';

/*
 * The stream of a real table, handed to `publish-outbox` as Lambda may hand it: again, split, late, out of order. What
 * Lambda keeps is the order within one partition key, and all events of the outbox share one; more is not relied on.
 */

const { dynamodbLocal } = bedAddresses();
let subject: LedgerUnderFaults;
let published: string[];
beforeEach(async () => {
  subject = await ledgerUnderFaults(dynamodbLocal, false);
  published = [];
  const spec = { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' as const };
  await subject.client.send(new UpdateTableCommand({ TableName: subject.table, StreamSpecification: spec }));
});
afterEach(() => subject.cleanUp());

const EVENTS = Array.from({ length: 12 }, (_, index) => anAdvance(index + 1));
const IDS = new Set(EVENTS.map(({ id }) => id));

/** Rows and events, in commits of several; then the stream that the table made of them. */
async function committed(): Promise<readonly StreamRecord[]> {
  const { ledger } = subject;
  await ledger.commit([create('credential', 'a', 'state', { fence: 1 })], EVENTS.slice(0, 4));
  const row = await ledger.read('credential', 'a', 'state');
  if (!row) throw new TypeError('the row was written');
  await ledger.commit([replace(row, { fence: 2 })], EVENTS.slice(4, 8));
  await ledger.commit([], EVENTS.slice(8));
  return readStream(dynamodbLocal, subject.table, EVENTS.length + 2);
}

const bus = {
  publish: async (events: readonly LockstepEvent[]) => void published.push(...events.map(({ id }) => id)),
};

const handle = (records: readonly StreamRecord[]): Promise<void> =>
  publishCommitted(subject.outbox, bus, parseOutboxStream({ Records: records }), (count) =>
    expect.fail(`${count} items are no events`),
  );

describe('the stream of the ledger', () => {
  it('tells every committed event once, whatever else was written', async () => {
    await handle(await committed());
    expect(published).toEqual([...IDS]);
    expect(await subject.outbox.pending(100)).toEqual([]);
  });

  it('tells nothing new of what was published and removed', async () => {
    await handle(await committed());
    const before = published.length;
    const all = await readStream(dynamodbLocal, subject.table, 2 * EVENTS.length + 2);
    await handle(all.filter(({ eventName }) => eventName !== 'INSERT'));
    expect(published).toHaveLength(before);
  });

  it('loses nothing in any order, in any batches, however often they come', async () => {
    const records = await committed();
    const deliveries = fc.tuple(
      fc.shuffledSubarray([...records], { minLength: records.length }),
      fc.integer({ min: 1, max: records.length }),
      fc.integer({ min: 1, max: 3 }),
    );
    await fc.assert(
      fc.asyncProperty(deliveries, async ([shuffled, size, times]) => {
        published = [];
        for (let time = 0; time < times; time += 1)
          for (let at = 0; at < shuffled.length; at += size) await handle(shuffled.slice(at, at + size));
        expect(new Set(published)).toEqual(IDS);
        expect(published).toHaveLength(times * IDS.size);
        expect(await subject.outbox.pending(100)).toEqual([]);
      }),
      { numRuns: 8 },
    );
  });
});

describe('a batch that fails', () => {
  it('is marked only when the bus took it, and comes again', async () => {
    const records = await committed();
    const away = { publish: () => Promise.reject(new LockstepError('BUS_UNAVAILABLE', 'away')) };
    const handled = publishCommitted(
      subject.outbox,
      away,
      parseOutboxStream({ Records: records }),
      () => undefined,
    );
    expect(await codeOf(handled)).toBe('BUS_UNAVAILABLE');
    expect(await subject.outbox.pending(100)).toHaveLength(EVENTS.length);
    await handle(records);
    expect(new Set(published)).toEqual(IDS);
  });

  it.each(['cut-after', 'broken'] as const)(
    'is published again where its marks were lost: %s',
    async (fault) => {
      const records = await committed();
      subject.bed.plan('BatchWriteItem', fault, Number.POSITIVE_INFINITY);
      expect(await codeOf(handle(records))).toBe('LEDGER_UNAVAILABLE');
      subject.bed.mend();
      await handle(records);
      expect(published).toEqual([...IDS, ...IDS]);
      expect(await subject.outbox.pending(100)).toEqual([]);
    },
  );

  it('does not stall its shard for an item that is no event', async () => {
    const records = await committed();
    const broken = records.map((record, index) => (index === 3 ? withoutBody(record) : record));
    let malformed = 0;
    await publishCommitted(
      subject.outbox,
      bus,
      parseOutboxStream({ Records: broken }),
      (count) => (malformed += count),
    );
    expect(malformed).toBe(1);
    expect(published).toHaveLength(EVENTS.length - 1);
  });
});

const withoutBody = (record: StreamRecord): StreamRecord => ({
  ...record,
  dynamodb: { ...record.dynamodb, NewImage: { ...record.dynamodb.NewImage, body: { S: '{' } } },
});
