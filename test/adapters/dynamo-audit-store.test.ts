import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appendAudit } from '../../lambdas/append-audit/append-audit.ts';
import { dynamoAuditStore } from '../../lambdas/adapters/dynamo-audit-store/dynamo-audit-store.ts';
import { continueChain, type AuditEntry, type AuditRecord } from '../../lambdas/core/audit/record.ts';
import { checkChain } from '../../lambdas/core/audit/verify.ts';
import type { AuditStore } from '../../lambdas/core/ports/audit.ts';
import { dynamoDouble, type DynamoDouble } from './doubles/dynamodb.ts';
import { clientOf } from './doubles/http-double.ts';
import { ServiceError } from './doubles/json-double.ts';

const TABLE = 'lockstep-staging-audit';
const entry = (id: string, chain = 'vector-store'): AuditEntry => ({
  id,
  chain,
  type: 'intent',
  action: 'promote',
  at: '2026-11-24T09:00:00.000Z',
  who: { kind: 'function', name: 'target-postgres' },
  what: { credential: chain, rotation: 'r1', version: 'v1' },
  why: { cause: 'cadence' },
});

let aws: DynamoDouble;
let store: AuditStore;

beforeEach(async () => {
  aws = await dynamoDouble(TABLE);
  let tokens = 0;
  store = dynamoAuditStore({
    client: new DynamoDBClient(clientOf(aws)),
    table: TABLE,
    newId: () => `token-${(tokens += 1)}`,
  });
});
afterEach(() => aws.close());

/** Appends entries to their chains, one after the other. */
async function append(...entries: readonly AuditEntry[]): Promise<readonly AuditRecord[]> {
  const records: AuditRecord[] = [];
  for (const each of entries) {
    const record = continueChain(await store.tail(each.chain), each);
    await store.append(record);
    records.push(record);
  }
  return records;
}

describe('a chain', () => {
  it('is written as record, marker and tail in one transaction', async () => {
    const [record] = await append(entry('e1'));
    expect(aws.items().map(({ pk, sk }) => `${pk?.S} / ${sk?.S}`)).toEqual([
      'chain#vector-store / record#000000000001',
      'chain#vector-store / entry#e1',
      'tails / vector-store',
    ]);
    expect(await store.tail('vector-store')).toEqual({
      chain: 'vector-store',
      sequence: 1,
      hash: record?.hash,
    });
  });

  it('comes back as it was written, and verifies', async () => {
    aws.pageSize = 4;
    const written = await append(...Array.from({ length: 12 }, (_, index) => entry(`e${index}`)));
    const read = await store.read('vector-store', 1, 100);
    expect(read).toEqual(written);
    expect(checkChain('vector-store', read)).toEqual([]);
    expect((await store.read('vector-store', 5, 3)).map(({ sequence }) => sequence)).toEqual([5, 6, 7]);
    expect(await store.read('vector-store', 13, 10)).toEqual([]);
    expect(await store.read('vector-store', 1, 0)).toEqual([]);
  });

  it('finds a record by the id of its entry, in its own chain only', async () => {
    const [, second] = await append(entry('e1'), entry('e2'), entry('e1', 'other'));
    expect(await store.find('vector-store', 'e2')).toEqual(second);
    expect((await store.find('other', 'e1'))?.sequence).toBe(1);
    expect(await store.find('other', 'e2')).toBeUndefined();
  });

  it('tells the tails of all chains', async () => {
    aws.pageSize = 1;
    await append(entry('e1', 'b'), entry('e2', 'a'), entry('e3', 'b'));
    expect((await store.tails()).map(({ chain, sequence }) => [chain, sequence])).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
  });

  it('knows nothing of a chain that was never begun', async () => {
    expect(await store.tail('none')).toBeUndefined();
    expect(await store.find('none', 'e1')).toBeUndefined();
    expect(await store.tails()).toEqual([]);
  });
});

describe('an append that does not continue the tail', () => {
  it.each<[string, (tail: AuditRecord) => AuditRecord]>([
    ['begins the chain anew', () => continueChain(undefined, entry('x'))],
    ['is the tail once more', (tail) => tail],
    [
      'skips a number',
      (tail) => ({ ...continueChain({ ...tail, chain: 'vector-store', sequence: 2 }, entry('x')) }),
    ],
    [
      'continues another hash',
      (tail) =>
        continueChain({ chain: 'vector-store', sequence: tail.sequence, hash: 'f'.repeat(64) }, entry('x')),
    ],
    [
      'carries an entry that is in the chain',
      (tail) => continueChain({ ...tail, chain: 'vector-store' }, tail.entry),
    ],
  ])('%s: LEDGER_CONFLICT, and nothing changes', async (_what, record) => {
    const [first] = await append(entry('e1'));
    if (!first) throw new Error('nothing was appended');
    const before = structuredClone(aws.items());
    await expect(store.append(record(first))).rejects.toMatchObject({ code: 'LEDGER_CONFLICT' });
    expect(aws.items()).toEqual(before);
  });

  it('says LEDGER_CONFLICT where another append was at the tail in the same moment', async () => {
    const reasons = {
      CancellationReasons: [{ Code: 'None' }, { Code: 'None' }, { Code: 'TransactionConflict' }],
    };
    aws.fail('TransactWriteItems', new ServiceError('TransactionCanceledException', 'cancelled', reasons));
    await expect(append(entry('e1'))).rejects.toMatchObject({ code: 'LEDGER_CONFLICT' });
  });
});

describe('repeats and races', () => {
  it('writes once when the answer is lost', async () => {
    aws.fail('TransactWriteItems', 'lose-after');
    await append(entry('e1'));
    expect((await store.tail('vector-store'))?.sequence).toBe(1);
    const sent = aws.inputs('TransactWriteItems').map(({ ClientRequestToken: token }) => token);
    expect(sent).toEqual(['token-1', 'token-1']);
  });

  it('keeps one record per entry when the use case repeats after an unknown outcome', async () => {
    for (let time = 0; time < 2; time += 1) aws.fail('TransactWriteItems', 'lose-before');
    aws.fail('TransactWriteItems', 'lose-after');
    const appender = appendAudit(store, async () => undefined);
    await expect(appender.append(entry('e1'))).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    expect((await appender.append(entry('e1'))).sequence).toBe(1);
    expect((await appender.append(entry('e1'))).sequence).toBe(1);
    expect(await store.read('vector-store', 1, 10)).toHaveLength(1);
  });

  it('makes one chain of many appends at once', async () => {
    const appender = appendAudit(store, async () => undefined);
    await Promise.all(Array.from({ length: 8 }, (_, index) => appender.append(entry(`e${index}`))));
    const read = await store.read('vector-store', 1, 100);
    expect(read.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(checkChain('vector-store', read)).toEqual([]);
  });
});

describe('a store in trouble', () => {
  it.each([
    ['tail', 'GetItem', () => store.tail('c')],
    ['find', 'GetItem', () => store.find('c', 'e')],
    ['read', 'Query', () => store.read('c', 1, 10)],
    ['tails', 'Query', () => store.tails()],
    ['append', 'TransactWriteItems', () => store.append(continueChain(undefined, entry('e')))],
  ] as const)('%s says AUDIT_UNAVAILABLE when DynamoDB does not answer', async (_name, operation, call) => {
    for (let time = 0; time < 3; time += 1) aws.fail(operation, 'lose-before');
    await expect(call()).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE', remedy: 'retry' });
  });

  it('says AUDIT_BROKEN of a record that cannot be read, of a marker without one, and of a broken tail', async () => {
    await append(entry('e1'));
    aws.put({
      pk: { S: 'chain#vector-store' },
      sk: { S: 'record#000000000001' },
      body: { S: '{"sequence":1}' },
    });
    await expect(store.read('vector-store', 1, 1)).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
    aws.put({ pk: { S: 'chain#vector-store' }, sk: { S: 'entry#e2' }, sequence: { N: '9' } });
    await expect(store.find('vector-store', 'e2')).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
    aws.put({ pk: { S: 'tails' }, sk: { S: 'vector-store' }, sequence: { N: '1' } });
    await expect(store.tail('vector-store')).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
  });

  it('hands out an edited record as it is: whether it is the one that was written is for the verifier', async () => {
    const [record] = await append(entry('e1'));
    if (!record) throw new Error('nothing was appended');
    const edited = {
      ...record,
      entry: { ...record.entry, who: { kind: 'operator', name: 'somebody-else' } },
    };
    aws.put({
      pk: { S: 'chain#vector-store' },
      sk: { S: 'record#000000000001' },
      body: { S: JSON.stringify(edited) },
    });
    const read = await store.read('vector-store', 1, 10);
    expect(checkChain('vector-store', read).map(({ kind }) => kind)).toEqual(['edited-record']);
  });
});
