import { NotUnderstood } from '../../../rights/not-understood.ts';
import { asker, type Asked } from '../asked.ts';
import { listIn, nameOf, textIn, thingIn, type RecordedCall } from '../recorded-call.ts';
import { find, type ReachedTable } from '../site-of.ts';
import { throughKms } from '../through-kms.ts';
import type { Caller, Translation } from './translation.ts';

type Values = Readonly<Record<string, unknown>>;

/** One action on one table, and the partition keys that it is about. */
interface Part {
  readonly action: string;
  readonly table: ReachedTable;
  readonly keys: readonly string[];
}

/**
 * `dynamodb:LeadingKeys` are the values of the partition key
 * (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html). A transaction is
 * authorised as the writes inside it, each by itself
 * (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html).
 */
export const dynamodbCalls: Translation = (call, caller) =>
  partsOf(call, caller).flatMap(({ action, table, keys }) => questions(caller, action, table, keys));

const questions = (
  { site, role }: Caller,
  action: string,
  table: ReachedTable,
  keys: readonly string[],
): readonly Asked[] => [
  asker(role, site.account)(`dynamodb:${action}`, table.arn, { 'dynamodb:LeadingKeys': keys }),
  // The table's key is read with the rights of whoever reads or writes the table.
  ...throughKms(site, role, 'dynamodb', table, 'read'),
];

function partsOf(call: RecordedCall, caller: Caller): readonly Part[] {
  switch (call.action) {
    case 'GetItem':
    case 'DeleteItem':
    case 'UpdateItem':
      return [single(call, caller, thingIn(call, 'Key'))];
    case 'PutItem':
      return [single(call, caller, thingIn(call, 'Item'))];
    case 'Query':
      return [query(call, caller)];
    case 'BatchWriteItem':
      return batch(call, caller);
    case 'TransactWriteItems':
      return listIn(call, 'TransactItems').map((item) => inTransaction(call, caller, item));
    default:
      throw new NotUnderstood(`${nameOf(call)} is not described`);
  }
}

function single(call: RecordedCall, caller: Caller, item: Values): Part {
  const table = tableOf(caller, textIn(call, 'TableName'));
  return { action: call.action, table, keys: [keyOf(call, table, item)] };
}

const tableOf = ({ site }: Caller, name: string): ReachedTable => find(site.tables, name, 'table');

/** The partition key of an item or a key. */
function keyOf(call: RecordedCall, { partitionKey, name }: ReachedTable, item: Values | undefined): string {
  const value = item?.[partitionKey] as { readonly S?: string } | undefined;
  if (value?.S === undefined)
    throw new NotUnderstood(`${nameOf(call)} was recorded without the key ${partitionKey} of ${name}`);
  return value.S;
}

/** A query names its partition by one equality, whatever it asks of the sort key. */
function query(call: RecordedCall, caller: Caller): Part {
  if (call.parameters['IndexName'] !== undefined)
    throw new NotUnderstood(`${nameOf(call)} is about an index, which is not described`);
  const table = tableOf(caller, textIn(call, 'TableName'));
  const names = (call.parameters['ExpressionAttributeNames'] ?? {}) as Readonly<Record<string, string>>;
  const equalities = [...textIn(call, 'KeyConditionExpression').matchAll(/([#\w]+)\s*=\s*(:\w+)/g)];
  const placeholder = equalities.find(([, left = '']) => (names[left] ?? left) === table.partitionKey)?.[2];
  const values = thingIn(call, 'ExpressionAttributeValues');
  const key = keyOf(call, table, { [table.partitionKey]: values[placeholder ?? ''] });
  return { action: 'Query', table, keys: [key] };
}

function batch(call: RecordedCall, caller: Caller): readonly Part[] {
  return Object.entries(thingIn(call, 'RequestItems')).map(([name, requests]) => {
    const table = tableOf(caller, name);
    const keys = (requests as readonly Values[]).map((request) => {
      const { PutRequest: put, DeleteRequest: removal } = request as {
        readonly PutRequest?: { readonly Item: Values };
        readonly DeleteRequest?: { readonly Key: Values };
      };
      return keyOf(call, table, put?.Item ?? removal?.Key);
    });
    return { action: 'BatchWriteItem', table, keys: [...new Set(keys)] };
  });
}

const IN_TRANSACTION: Readonly<Record<string, string>> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
};

function inTransaction(call: RecordedCall, caller: Caller, item: Values): Part {
  const [kind = '', second] = Object.keys(item);
  const action = IN_TRANSACTION[kind];
  if (action === undefined || second !== undefined)
    throw new NotUnderstood(`${nameOf(call)} has ${Object.keys(item).join(' and ')} in its transaction`);
  const {
    TableName: name,
    Key,
    Item,
  } = item[kind] as {
    readonly TableName: string;
    readonly Key?: Values;
    readonly Item?: Values;
  };
  const table = tableOf(caller, name);
  return { action, table, keys: [keyOf(call, table, Key ?? Item)] };
}
