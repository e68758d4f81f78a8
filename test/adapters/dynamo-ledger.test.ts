import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dynamoLedger } from '../../lambdas/adapters/dynamo-ledger/dynamo-ledger.ts';
import type { LockstepEvent } from '../../lambdas/core/events.ts';
import type { CredentialState, Lock } from '../../lambdas/core/ledger-rows.ts';
import { create, remove, replace, type Ledger } from '../../lambdas/core/ports/ledger.ts';
import { dynamoDouble, type DynamoDouble } from './doubles/dynamodb.ts';
import { clientOf } from './doubles/http-double.ts';
import { ServiceError } from './doubles/json-double.ts';

const TABLE = 'lockstep-staging-ledger';
const lock = (holder: string): Lock => ({ holder, fence: 1, until: '2026-11-24T10:00:00.000Z' });
const state = (fence: number): CredentialState => ({ fence });
const event = (id: string): LockstepEvent => ({
  id,
  type: 'rotation.requested',
  at: '2026-11-24T09:00:00.000Z',
  environment: 'staging',
  detail: { credential: 'vector-store', rotation: 'r1' },
});

let aws: DynamoDouble;
let ledger: Ledger;
let waited: number[];
let tokens: number;

beforeEach(async () => {
  aws = await dynamoDouble(TABLE);
  waited = [];
  tokens = 0;
  ledger = dynamoLedger({
    client: new DynamoDBClient(clientOf(aws)),
    table: TABLE,
    newId: () => `00000000-0000-4000-8000-${String((tokens += 1)).padStart(12, '0')}`,
    random: () => 0.5,
    pause: async (milliseconds) => void waited.push(milliseconds),
  });
});
afterEach(() => aws.close());

const cancelled = (...codes: readonly string[]): ServiceError =>
  new ServiceError(
    'TransactionCanceledException',
    'Transaction cancelled, please refer cancellation reasons',
    {
      CancellationReasons: codes.map((Code) => ({ Code })),
    },
  );

describe('rows', () => {
  it('keeps a row under family and credential, its body as one JSON text', async () => {
    await ledger.commit([create('lock', 'vector-store', 'lock', lock('a'), '2026-11-24T10:00:00.001Z')]);
    expect(aws.items()).toEqual([
      {
        pk: { S: 'lock#vector-store' },
        sk: { S: 'lock' },
        revision: { N: '1' },
        body: { S: JSON.stringify(lock('a')) },
        // whole seconds, and never before the instant that was asked for
        expiresAt: { N: String(Math.floor(Date.parse('2026-11-24T10:00:00.000Z') / 1000) + 1) },
      },
    ]);
    expect(await ledger.read('lock', 'vector-store', 'lock')).toEqual({
      family: 'lock',
      credential: 'vector-store',
      id: 'lock',
      revision: 1,
      body: lock('a'),
    });
  });

  it('answers nothing for a row that is not there', async () => {
    expect(await ledger.read('lock', 'vector-store', 'lock')).toBeUndefined();
    expect(await ledger.list('lock', 'vector-store')).toEqual([]);
  });

  it('replaces exactly what was read, and raises the revision', async () => {
    await ledger.commit([create('credential', 'c', 'state', state(1))]);
    const row = await ledger.read('credential', 'c', 'state');
    if (!row) throw new Error('the row is missing');
    await ledger.commit([replace(row, state(2))]);
    expect(await ledger.read('credential', 'c', 'state')).toMatchObject({ revision: 2, body: state(2) });
    await expect(ledger.commit([replace(row, state(3))])).rejects.toMatchObject({ code: 'LEDGER_CONFLICT' });
    expect(await ledger.read('credential', 'c', 'state')).toMatchObject({ revision: 2, body: state(2) });
  });

  it('creates once', async () => {
    await ledger.commit([create('credential', 'c', 'state', state(1))]);
    await expect(ledger.commit([create('credential', 'c', 'state', state(9))])).rejects.toMatchObject({
      code: 'LEDGER_CONFLICT',
    });
    expect((await ledger.read('credential', 'c', 'state'))?.body).toEqual(state(1));
  });
});

describe('rows that go', () => {
  it('removes exactly what was read', async () => {
    await ledger.commit([create('credential', 'c', 'state', state(1))]);
    const row = await ledger.read('credential', 'c', 'state');
    if (!row) throw new Error('the row is missing');
    await ledger.commit([replace(row, state(2))]);
    await expect(ledger.commit([remove(row)])).rejects.toMatchObject({ code: 'LEDGER_CONFLICT' });
    await ledger.commit([remove({ ...row, revision: 2 })]);
    expect(await ledger.read('credential', 'c', 'state')).toBeUndefined();
  });

  it('takes "must not exist and stays away" as a condition of its own', async () => {
    const absent = { family: 'lock', credential: 'c', id: 'lock', expected: 0, body: undefined } as const;
    await ledger.commit([absent, create('credential', 'c', 'state', state(1))]);
    await ledger.commit([create('lock', 'c', 'lock', lock('a'))]);
    await expect(ledger.commit([absent])).rejects.toMatchObject({ code: 'LEDGER_CONFLICT' });
  });
});

describe('reading rows', () => {
  it('lists one family of one credential by id, over all pages', async () => {
    aws.pageSize = 2;
    const ids = ['é', 'b', 'a', 'Z', '~', 'a#1', '😀'];
    for (const id of ids) await ledger.commit([create('refusal', 'c', id, refusal(id))]);
    await ledger.commit([
      create('refusal', 'c2', 'x', refusal('x')),
      create('credential', 'c', 'state', state(1)),
    ]);
    const listed = await ledger.list('refusal', 'c');
    expect(listed.map(({ id }) => id)).toEqual(['Z', 'a', 'a#1', 'b', '~', 'é', '😀']);
    expect(listed.map(({ body }) => body.code)).toEqual(listed.map(({ id }) => id));
  });

  it('says STORE_DAMAGED of a row that it has not written so, and quotes nothing of it', async () => {
    aws.put({
      pk: { S: 'credential#c' },
      sk: { S: 'state' },
      revision: { N: '1' },
      body: { S: '{"fence": not-a-real' },
    });
    const error: unknown = await ledger.read('credential', 'c', 'state').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'STORE_DAMAGED' });
    expect(String(error)).not.toContain('not-a-real');
    aws.put({ pk: { S: 'credential#c' }, sk: { S: 'state' }, body: { S: '{}' } });
    await expect(ledger.list('credential', 'c')).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
  });
});

const refusal = (code: string) =>
  ({ cause: 'cadence', by: 'x', code, message: 'm', at: '2026-11-24T09:00:00.000Z' }) as const;

describe('a commit', () => {
  it('writes rows and events together or not at all', async () => {
    await ledger.commit([create('credential', 'c', 'state', state(1))]);
    const both = ledger.commit(
      [create('lock', 'c', 'lock', lock('a')), create('credential', 'c', 'state', state(2))],
      [event('e1')],
    );
    await expect(both).rejects.toMatchObject({ code: 'LEDGER_CONFLICT' });
    expect(aws.items()).toHaveLength(1);
    await ledger.commit([create('lock', 'c', 'lock', lock('a'))], [event('e1')]);
    expect(aws.items().map(({ pk, sk }) => `${pk?.S} ${sk?.S}`)).toEqual([
      'credential#c state',
      'lock#c lock',
      'outbox#pending 2026-11-24T09:00:00.000Z#e1',
    ]);
  });

  it('sends nothing where there is nothing to write', async () => {
    await ledger.commit([]);
    expect(aws.calls).toEqual([]);
  });

  it('takes a hundred writes and events and refuses more before sending', async () => {
    const writes = Array.from({ length: 60 }, (_, index) =>
      create('refusal', 'c', String(index), refusal('x')),
    );
    const events = Array.from({ length: 41 }, (_, index) => event(`e${index}`));
    await expect(ledger.commit(writes, events)).rejects.toMatchObject({ code: 'NO_ROOM' });
    expect(aws.calls).toEqual([]);
    await ledger.commit(writes, events.slice(1));
    expect(aws.items()).toHaveLength(100);
  });
});

describe('a commit in trouble', () => {
  it('is written once when its answer is lost: the SDK repeats it under the same token', async () => {
    aws.fail('TransactWriteItems', 'lose-after');
    await ledger.commit([create('credential', 'c', 'state', state(1))]);
    const sent = aws.inputs('TransactWriteItems').map(({ ClientRequestToken: token }) => token);
    expect(sent).toHaveLength(2);
    expect(new Set(sent)).toEqual(new Set(['00000000-0000-4000-8000-000000000001']));
    expect(await ledger.read('credential', 'c', 'state')).toMatchObject({ revision: 1 });
  });

  it('uses a new token for each commit, so that an equal one later is not taken for a repeat', async () => {
    await ledger.commit([create('lock', 'c', 'lock', lock('a'))]);
    await ledger.commit([
      remove({ family: 'lock', credential: 'c', id: 'lock', revision: 1, body: lock('a') }),
    ]);
    await ledger.commit([create('lock', 'c', 'lock', lock('a'))]);
    expect(await ledger.read('lock', 'c', 'lock')).toBeDefined();
  });

  it('waits and sends again while another transaction is at the same row', async () => {
    aws.fail('TransactWriteItems', cancelled('TransactionConflict'));
    aws.fail('TransactWriteItems', cancelled('None', 'TransactionConflict'));
    await ledger.commit([create('credential', 'c', 'state', state(1))]);
    expect(waited).toEqual([30, 60]);
    expect(aws.items()).toHaveLength(1);
  });

  it('gives up after four such meetings with LEDGER_CONFLICT: nothing was written, read again', async () => {
    for (let time = 0; time < 4; time += 1) aws.fail('TransactWriteItems', cancelled('TransactionConflict'));
    await expect(ledger.commit([create('credential', 'c', 'state', state(1))])).rejects.toMatchObject({
      code: 'LEDGER_CONFLICT',
    });
    expect(aws.items()).toEqual([]);
  });

  it('says LEDGER_CONFLICT, not "busy", where both happened: sending again could never work', async () => {
    aws.fail('TransactWriteItems', cancelled('TransactionConflict', 'ConditionalCheckFailed'));
    await expect(ledger.commit([create('credential', 'c', 'state', state(1))])).rejects.toMatchObject({
      code: 'LEDGER_CONFLICT',
    });
    expect(aws.inputs('TransactWriteItems')).toHaveLength(1);
  });

  it('says LEDGER_UNAVAILABLE, with the reasons, of any other cancellation', async () => {
    aws.fail('TransactWriteItems', cancelled('None', 'ThrottlingError', 'ThrottlingError'));
    await expect(ledger.commit([create('credential', 'c', 'state', state(1))])).rejects.toMatchObject({
      code: 'LEDGER_UNAVAILABLE',
      message: expect.stringContaining('(TransactionCanceledException, ThrottlingError)') as string,
    });
  });
});

describe('when DynamoDB does not answer', () => {
  it.each([
    ['read', 'GetItem', () => ledger.read('lock', 'c', 'lock')],
    ['list', 'Query', () => ledger.list('lock', 'c')],
    ['commit', 'TransactWriteItems', () => ledger.commit([create('lock', 'c', 'lock', lock('a'))])],
  ] as const)('%s says LEDGER_UNAVAILABLE after three attempts', async (_name, operation, call) => {
    for (let time = 0; time < 3; time += 1) aws.fail(operation, 'lose-before');
    await expect(call()).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE', remedy: 'retry' });
    expect(aws.inputs(operation)).toHaveLength(3);
  });

  it('says LEDGER_UNAVAILABLE of a refusal, and does not repeat it', async () => {
    aws.fail(
      'GetItem',
      new ServiceError('AccessDeniedException', 'is not authorized to perform: dynamodb:GetItem'),
    );
    await expect(ledger.read('lock', 'c', 'lock')).rejects.toMatchObject({
      code: 'LEDGER_UNAVAILABLE',
      message: expect.stringContaining('AccessDeniedException') as string,
    });
    expect(aws.inputs('GetItem')).toHaveLength(1);
  });
});

it('keeps any JSON body as it is, under any credential and id', async () => {
  const part = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' });
  await fc.assert(
    fc.asyncProperty(part, part, fc.json({ maxDepth: 3 }), async (credential, id, json) => {
      const body = JSON.parse(JSON.stringify(JSON.parse(json))) as Lock; // without -0, which JSON has not
      const before = await ledger.read('lock', credential, id);
      await ledger.commit([before ? replace(before, body) : create('lock', credential, id, body)]);
      expect(await ledger.read('lock', credential, id)).toEqual({
        family: 'lock',
        credential,
        id,
        revision: (before?.revision ?? 0) + 1,
        body,
      });
    }),
    { numRuns: 40 },
  );
});
