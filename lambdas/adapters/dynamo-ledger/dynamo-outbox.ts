import { BatchWriteItemCommand, QueryCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LEDGER_TABLE } from '../../contracts/tables.ts';
import { LockstepError } from '../../core/errors.ts';
import type { LockstepEvent } from '../../core/events.ts';
import type { Outbox } from '../../core/ports/ledger.ts';
import { eventIdOf, outboxEvent, type Item } from './items.ts';
import { unavailable } from './transaction.ts';

/** What the outbox needs from outside. */
export interface DynamoOutboxOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
}

/** Most deletes in one BatchWriteItem. */
const MAX_BATCH = 25;

/** `Outbox` in the ledger's table: what `commit` put beside the rows and nobody has taken to the bus yet. */
export function dynamoOutbox(options: DynamoOutboxOptions): Outbox {
  return {
    pending: (limit) => pending(options, limit),
    malformed: () => malformed(options),
    markPublished: (eventIds) => markPublished(options, eventIds),
  };
}

async function pending(options: DynamoOutboxOptions, limit: number): Promise<readonly LockstepEvent[]> {
  const events: LockstepEvent[] = [];
  for await (const page of pages(options, limit)) {
    events.push(...page.flatMap((item) => outboxEvent(item) ?? []));
    if (events.length >= limit) break;
  }
  return events.slice(0, limit);
}

async function malformed(options: DynamoOutboxOptions): Promise<number> {
  let count = 0;
  for await (const page of pages(options)) count += page.filter((item) => !outboxEvent(item)).length;
  return count;
}

/**
 * Removes what the bus took. The key holds the event's time and only its id is given, so the outbox is read
 * from its oldest end until all are found: that is where published events lie. Already gone: nothing happens.
 */
async function markPublished(options: DynamoOutboxOptions, eventIds: readonly string[]): Promise<void> {
  const wanted = new Set(eventIds);
  if (wanted.size === 0) return;
  for await (const page of pages(options)) {
    const keys = page.flatMap((item) => {
      const key = item[LEDGER_TABLE.sortKey]?.S ?? '';
      return wanted.delete(eventIdOf(key)) ? key : [];
    });
    for (let at = 0; at < keys.length; at += MAX_BATCH)
      await removeAll(options, keys.slice(at, at + MAX_BATCH));
    if (wanted.size === 0) return;
  }
}

/** The outbox from its oldest event on, a page at a time. */
async function* pages(
  { client, table }: DynamoOutboxOptions,
  limit?: number,
): AsyncGenerator<readonly Item[], void, undefined> {
  let from: Item | undefined;
  do {
    const request = new QueryCommand({
      TableName: table,
      KeyConditionExpression: '#pk = :pk',
      ExpressionAttributeNames: { '#pk': LEDGER_TABLE.partitionKey },
      ExpressionAttributeValues: { ':pk': { S: LEDGER_TABLE.outboxPartition } },
      ConsistentRead: true,
      ...(limit === undefined ? {} : { Limit: limit }),
      ...(from && { ExclusiveStartKey: { ...from } }),
    });
    const page = await client
      .send(request)
      .catch((error: unknown) => Promise.reject(unavailable('read', 'the outbox', error)));
    yield page.Items ?? [];
    from = page.LastEvaluatedKey;
  } while (from);
}

async function removeAll({ client, table }: DynamoOutboxOptions, sortKeys: readonly string[]): Promise<void> {
  const requests = sortKeys.map((key) => ({
    DeleteRequest: {
      Key: {
        [LEDGER_TABLE.partitionKey]: { S: LEDGER_TABLE.outboxPartition },
        [LEDGER_TABLE.sortKey]: { S: key },
      },
    },
  }));
  const { UnprocessedItems: left } = await client
    .send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }))
    .catch((error: unknown) => Promise.reject(unavailable('empty', 'the outbox', error)));
  const count = left?.[table]?.length ?? 0;
  // What stays will be published again, which is allowed, and marked again.
  if (count > 0)
    throw new LockstepError(
      'LEDGER_UNAVAILABLE',
      `${count} of ${sortKeys.length} published events are still in the outbox: DynamoDB is busy; try again`,
    );
}
