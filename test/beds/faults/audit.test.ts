import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { appendAuditClient } from '../../../lambdas/adapters/append-audit-client/append-audit-client.ts';
import { dynamoAuditStore } from '../../../lambdas/adapters/dynamo-audit-store/dynamo-audit-store.ts';
import { appendAudit } from '../../../lambdas/append-audit/append-audit.ts';
import { APPEND_AUDIT_TIMEOUT_SECONDS } from '../../../lambdas/contracts/function-timeouts.ts';
import { AUDIT_TABLE } from '../../../lambdas/contracts/tables.ts';
import type { AuditEntry } from '../../../lambdas/core/audit/record.ts';
import { checkChain } from '../../../lambdas/core/audit/verify.ts';
import type { AuditAppender, AuditStore } from '../../../lambdas/core/ports/audit.ts';
import { invokeSettings } from '../../../lambdas/shell/client-settings.ts';
import { anEntry } from '../../fakes/an-audit-entry.ts';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { clientAt } from '../ports/bed-client.ts';
import { makeTable } from '../ports/bed-tables.ts';
import { jsonAnswer, type Interceptor } from '../proxy/bed-proxy.ts';
import { describeFaults, type FaultCase, type FaultsUnderTest } from './describe-faults.ts';
import { startFaultyBed } from './faulty-bed.ts';
import { impatient } from './impatient.ts';

interface AuditUnderFaults extends FaultsUnderTest {
  readonly store: AuditStore;
  readonly appender: AuditAppender;
}

const CHAIN = 'vector-store';
const jitter = (attempt: number): Promise<void> => sleep(Math.random() * 20 * attempt);

/** The store of the audit, over a table that fails as planned. */
async function storeUnderFaults(isImpatient: boolean): Promise<AuditUnderFaults> {
  const { dynamodbLocal } = bedAddresses();
  const bed = await startFaultyBed(dynamodbLocal);
  const { table, remove } = await makeTable(dynamodbLocal, AUDIT_TABLE);
  const settings = clientAt(bed.url);
  const client = new DynamoDBClient(isImpatient ? impatient(settings) : settings);
  const store = dynamoAuditStore({ client, table, newId: randomUUID });
  const cleanUp = async (): Promise<void> => {
    await remove();
    client.destroy();
    await bed.close();
  };
  return { bed, store, appender: appendAudit(store, jitter), cleanUp };
}

/** `append-audit` as a function that is invoked: it does what the use case does, over a table in order. */
async function functionUnderFaults(isImpatient: boolean): Promise<AuditUnderFaults> {
  const { dynamodbLocal } = bedAddresses();
  const { client: direct, table, remove } = await makeTable(dynamodbLocal, AUDIT_TABLE);
  const store = dynamoAuditStore({ client: direct, table, newId: randomUUID });
  const inside = appendAudit(store, jitter);
  const lambda: Interceptor = async ({ body }) =>
    jsonAnswer(200, await inside.append(JSON.parse(body.toString('utf8')) as AuditEntry));
  const bed = await startFaultyBed(dynamodbLocal, [lambda]);
  const settings = {
    ...clientAt(bed.url),
    ...invokeSettings(isImpatient ? 1 : APPEND_AUDIT_TIMEOUT_SECONDS),
  };
  const client = new LambdaClient(isImpatient ? impatient(settings) : settings);
  const cleanUp = async (): Promise<void> => {
    await bed.close();
    await remove();
    client.destroy();
  };
  const appender = appendAuditClient({
    client,
    functionName: 'append-audit',
    clock: () => new Date(),
    random: Math.random,
    pause: (milliseconds) => sleep(milliseconds),
  });
  return { bed, store, appender, cleanUp };
}

const append = ({ appender }: AuditUnderFaults): Promise<unknown> => appender.append(anEntry(2));
const withFirst = async ({ appender }: AuditUnderFaults): Promise<void> =>
  void (await appender.append(anEntry(1)));

/** The chain holds both entries, each once, and is whole. */
async function holdsBoth({ store }: AuditUnderFaults): Promise<void> {
  const records = await store.read(CHAIN, 1, 10);
  expect(records.map(({ entry }) => entry)).toEqual([anEntry(1), anEntry(2)]);
  expect(checkChain(CHAIN, records)).toEqual([]);
}

const appending = (action: string): FaultCase<AuditUnderFaults> => ({
  name: 'an append',
  action,
  code: 'AUDIT_UNAVAILABLE',
  attempts: 3,
  prepare: withFirst,
  run: append,
  check: holdsBoth,
});

const CASES: readonly FaultCase<AuditUnderFaults>[] = [
  appending('TransactWriteItems'),
  appending('GetItem'),
  {
    name: 'reading all tails',
    action: 'Query',
    code: 'AUDIT_UNAVAILABLE',
    attempts: 3,
    prepare: withFirst,
    run: ({ store }) => store.tails(),
    check: async (_subject, answer) => expect(answer).toMatchObject([{ chain: CHAIN, sequence: 1 }]),
  },
];

describeFaults('the store of the audit', storeUnderFaults, CASES);

// One attempt of the SDK, four of the adapter: a repeat by the SDK would run the function twice at once.
describeFaults('append-audit, invoked', functionUnderFaults, [{ ...appending('Invoke'), attempts: 4 }]);

it('an append whose every answer was lost is found again by the id of its entry', async () => {
  const subject = await storeUnderFaults(false);
  try {
    await withFirst(subject);
    subject.bed.plan('TransactWriteItems', 'cut-after', Number.POSITIVE_INFINITY);
    await expect(append(subject)).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    subject.bed.mend();
    const writes = subject.bed.calls('TransactWriteItems').length;
    await append(subject);
    expect(subject.bed.calls('TransactWriteItems')).toHaveLength(writes);
    await holdsBoth(subject);
  } finally {
    await subject.cleanUp();
  }
});
