import {
  GetItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  type AttributeValue,
  type DynamoDBClient,
  type QueryCommandInput,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { AUDIT_TABLE } from '../../contracts/tables.ts';
import { GENESIS, type AuditRecord, type ChainTail } from '../../core/audit/record.ts';
import { foreignName, LockstepError } from '../../core/errors.ts';
import type { AuditStore } from '../../core/ports/audit.ts';
import type { NewId } from '../../core/ports/ids.ts';
import {
  chainPartition,
  LAST_RECORD_SORT,
  markerItem,
  markerKey,
  recordItem,
  recordKey,
  recordOf,
  recordSort,
  tailItem,
  tailKey,
  tailOf,
  type Item,
} from './audit-items.ts';

/** What the audit's store needs from outside. */
export interface DynamoAuditStoreOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly newId: NewId;
}

/**
 * `AuditStore` on one DynamoDB table. IAM knows no right that only creates, so whoever holds these calls can
 * also overwrite: that is why one function alone holds them, and why heads are signed and kept elsewhere.
 */
export function dynamoAuditStore(options: DynamoAuditStoreOptions): AuditStore {
  return {
    tail: async (chain) => {
      const item = await getItem(options, tailKey(chain));
      return item && tailOf(item);
    },
    append: (record) => append(options, record),
    find: (chain, entryId) => find(options, chain, entryId),
    read: (chain, fromSequence, limit) => read(options, chain, fromSequence, limit),
    tails: () => tails(options),
  };
}

/** Record, tail and marker in one transaction: the tail's condition is what makes a chain of it. */
async function append({ client, table, newId }: DynamoAuditStoreOptions, record: AuditRecord): Promise<void> {
  const { entry, sequence } = record;
  const items = [
    createOnly(table, recordItem(record)),
    createOnly(table, markerItem(record)),
    { Put: { TableName: table, Item: tailItem(record), ...continues(record) } },
  ];
  // The SDK repeats a lost request under the same token, which DynamoDB applies once within ten minutes.
  const request = new TransactWriteItemsCommand({ TransactItems: items, ClientRequestToken: newId() });
  await client.send(request).catch((error: unknown) => {
    if (!wasCancelledByCondition(error)) throw unavailable(`append to chain ${entry.chain}`, error);
    throw new LockstepError(
      'LEDGER_CONFLICT',
      `record ${sequence} does not continue audit chain ${entry.chain}: its tail moved on, or the entry is in it; read the tail again`,
    );
  });
}

const createOnly = (table: string, item: Record<string, AttributeValue>): TransactWriteItem => ({
  Put: {
    TableName: table,
    Item: item,
    ConditionExpression: 'attribute_not_exists(#pk)',
    ExpressionAttributeNames: { '#pk': AUDIT_TABLE.partitionKey },
  },
});

/** The condition that the stored tail is what this record says it continues. */
function continues({ sequence, previous }: AuditRecord) {
  if (sequence === 1 && previous === GENESIS)
    return {
      ConditionExpression: 'attribute_not_exists(#pk)',
      ExpressionAttributeNames: { '#pk': AUDIT_TABLE.partitionKey },
    };
  return {
    ConditionExpression: '#sequence = :before AND #hash = :previous',
    ExpressionAttributeNames: { '#sequence': 'sequence', '#hash': 'hash' },
    ExpressionAttributeValues: { ':before': { N: String(sequence - 1) }, ':previous': { S: previous } },
  };
}

/** Also true where another transaction held the tail at that moment: it is about to move on, and nothing was written. */
function wasCancelledByCondition(error: unknown): boolean {
  if (foreignName(error) !== 'TransactionCanceledException') return false;
  const { CancellationReasons: reasons } = error as {
    readonly CancellationReasons?: readonly { readonly Code?: string }[];
  };
  return (reasons ?? []).some(
    ({ Code }) => Code === 'ConditionalCheckFailed' || Code === 'TransactionConflict',
  );
}

async function find(
  options: DynamoAuditStoreOptions,
  chain: string,
  entryId: string,
): Promise<AuditRecord | undefined> {
  const marker = await getItem(options, markerKey(chain, entryId));
  if (!marker) return undefined;
  const item = await getItem(options, recordKey(chain, Number(marker['sequence']?.N)));
  if (item) return recordOf(item);
  throw new LockstepError(
    'AUDIT_BROKEN',
    `audit chain ${chain} has lost the record of entry ${entryId}; verify the audit against its heads`,
  );
}

async function read(
  options: DynamoAuditStoreOptions,
  chain: string,
  fromSequence: number,
  limit: number,
): Promise<readonly AuditRecord[]> {
  if (limit < 1) return [];
  const items = await query(options, `read chain ${chain}`, limit, {
    KeyConditionExpression: '#pk = :pk AND #sk BETWEEN :from AND :last',
    ExpressionAttributeNames: { '#pk': AUDIT_TABLE.partitionKey, '#sk': AUDIT_TABLE.sortKey },
    ExpressionAttributeValues: {
      ':pk': { S: chainPartition(chain) },
      ':from': { S: recordSort(Math.max(1, fromSequence)) },
      ':last': { S: LAST_RECORD_SORT },
    },
  });
  return items.map(recordOf);
}

async function tails(options: DynamoAuditStoreOptions): Promise<readonly ChainTail[]> {
  const items = await query(options, 'read the tails', Number.POSITIVE_INFINITY, {
    KeyConditionExpression: '#pk = :pk',
    ExpressionAttributeNames: { '#pk': AUDIT_TABLE.partitionKey },
    ExpressionAttributeValues: { ':pk': { S: AUDIT_TABLE.tailsPartition } },
  });
  return items.map(tailOf);
}

/** All pages of a consistent query, up to `limit` items. */
async function query(
  { client, table }: DynamoAuditStoreOptions,
  action: string,
  limit: number,
  condition: Omit<QueryCommandInput, 'TableName'>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let from: Record<string, AttributeValue> | undefined;
  do {
    const request = new QueryCommand({
      TableName: table,
      ConsistentRead: true,
      ...condition,
      ...(Number.isFinite(limit) ? { Limit: limit - items.length } : {}),
      ...(from && { ExclusiveStartKey: from }),
    });
    const page = await client
      .send(request)
      .catch((error: unknown) => Promise.reject(unavailable(action, error)));
    items.push(...(page.Items ?? []));
    from = page.LastEvaluatedKey;
  } while (from && items.length < limit);
  return items;
}

async function getItem(
  { client, table }: DynamoAuditStoreOptions,
  key: Record<string, AttributeValue>,
): Promise<Item | undefined> {
  const { Item: item } = await client
    .send(new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true }))
    .catch((error: unknown) => Promise.reject(unavailable('read', error)));
  return item;
}

const unavailable = (action: string, error: unknown): LockstepError =>
  new LockstepError(
    'AUDIT_UNAVAILABLE',
    `could not ${action} of the audit (${foreignName(error)}); unknown whether it happened, try again`,
    { cause: error },
  );
