import { GetItemCommand, QueryCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { LEDGER_TABLE } from '../../contracts/tables.ts';
import { LockstepError } from '../../core/errors.ts';
import type { LockstepEvent } from '../../core/events.ts';
import {
  MAX_COMMIT_ITEMS,
  type Family,
  type Ledger,
  type LedgerRow,
  type LedgerWrite,
} from '../../core/ports/ledger.ts';
import { outboxItem, rowItem, rowKey, rowOf, type Item } from './items.ts';
import { transact, unavailable, type TransactionOptions } from './transaction.ts';

/** What the ledger needs from outside. */
export interface DynamoLedgerOptions extends TransactionOptions {
  readonly table: string;
}

/** `Ledger` on one DynamoDB table, keyed as `contracts/tables.ts` says. */
export function dynamoLedger(options: DynamoLedgerOptions): Ledger {
  return {
    read: (family, credential, id) => readRow(options, family, credential, id),
    list: (family, credential) => queryRows(options, family, credential, {}),
    page: (family, credential, page) => queryRows(options, family, credential, page),
    commit: (writes, events = []) => commit(options, writes, events),
  };
}

async function readRow<F extends Family>(
  { client, table }: DynamoLedgerOptions,
  family: F,
  credential: string,
  id: string,
): Promise<LedgerRow<F> | undefined> {
  const request = new GetItemCommand({
    TableName: table,
    Key: rowKey({ family, credential, id }),
    ConsistentRead: true,
  });
  const { Item: item } = await client
    .send(request)
    .catch((error: unknown) =>
      Promise.reject(unavailable('read', `${family} ${id} of ${credential}`, error)),
    );
  return item && rowOf(family, credential, item);
}

/** Rows of one partition by sort key ascending, in the order of UTF-8 bytes: as many as are wanted, or all. */
async function queryRows<F extends Family>(
  { client, table }: DynamoLedgerOptions,
  family: F,
  credential: string,
  { after, limit = Number.POSITIVE_INFINITY }: { readonly after?: string; readonly limit?: number },
): Promise<readonly LedgerRow<F>[]> {
  const rows: LedgerRow<F>[] = [];
  let from: Item | undefined;
  // A page of DynamoDB's ends at 1 MB, however many were asked for.
  do {
    const request = new QueryCommand({
      TableName: table,
      KeyConditionExpression: after === undefined ? '#pk = :pk' : '#pk = :pk AND #sk > :after',
      ExpressionAttributeNames: {
        '#pk': LEDGER_TABLE.partitionKey,
        ...(after === undefined ? {} : { '#sk': LEDGER_TABLE.sortKey }),
      },
      ExpressionAttributeValues: {
        ':pk': { S: `${family}#${credential}` },
        ...(after === undefined ? {} : { ':after': { S: after } }),
      },
      ConsistentRead: true,
      ...(Number.isFinite(limit) ? { Limit: limit - rows.length } : {}),
      ...(from && { ExclusiveStartKey: { ...from } }),
    });
    const page = await client
      .send(request)
      .catch((error: unknown) => Promise.reject(unavailable('list', `${family} of ${credential}`, error)));
    rows.push(...(page.Items ?? []).map((item) => rowOf(family, credential, item)));
    from = page.LastEvaluatedKey;
  } while (from && rows.length < limit);
  return rows;
}

async function commit(
  options: DynamoLedgerOptions,
  writes: readonly LedgerWrite[],
  events: readonly LockstepEvent[],
): Promise<void> {
  const size = writes.length + events.length;
  if (size === 0) return;
  const subject = [...new Set(writes.map(({ family, credential }) => `${family} of ${credential}`))].join(
    ', ',
  );
  if (size > MAX_COMMIT_ITEMS)
    throw new LockstepError(
      'NO_ROOM',
      `${size} writes and events in one commit (${subject}), at most ${MAX_COMMIT_ITEMS} fit; commit in parts`,
    );
  const puts = events.map((event) => ({ Put: { TableName: options.table, Item: outboxItem(event) } }));
  const items = [...writes.map((write) => conditional(options.table, write)), ...puts];
  await transact(options, items, subject || 'the outbox');
}

/** One write under its condition. A removed row keeps no revision, so a later create starts at 1 again. */
function conditional(table: string, write: LedgerWrite): TransactWriteItem {
  const { expected, body } = write;
  const condition =
    expected === 0
      ? {
          ConditionExpression: 'attribute_not_exists(#pk)',
          ExpressionAttributeNames: { '#pk': LEDGER_TABLE.partitionKey },
        }
      : {
          ConditionExpression: '#revision = :expected',
          ExpressionAttributeNames: { '#revision': 'revision' },
          ExpressionAttributeValues: { ':expected': { N: String(expected) } },
        };
  if (body !== undefined) return { Put: { TableName: table, Item: rowItem(write, body), ...condition } };
  const absent = { TableName: table, Key: rowKey(write), ...condition };
  return expected === 0 ? { ConditionCheck: absent } : { Delete: absent };
}
