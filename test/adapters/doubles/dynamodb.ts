import { jsonDouble, ServiceError, type JsonDouble, type JsonInput } from './json-double.ts';

/** One attribute as it crosses: `{ "S": "text" }` or `{ "N": "1" }`. */
type Attribute = { readonly S?: string; readonly N?: string };
type StoredItem = Readonly<Record<string, Attribute>>;

/** A table keyed by `pk` and `sk`, with exactly the conditions that Lockstep uses; any other is an offence. */
export interface DynamoDouble extends JsonDouble {
  readonly items: () => readonly StoredItem[];
  put(item: StoredItem): void;
  /** How many items a page holds. */
  pageSize: number;
}

interface Conditional {
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Readonly<Record<string, Attribute>>;
}

const keyOf = ({ pk, sk }: StoredItem): string => JSON.stringify([pk?.S, sk?.S]);
const bytes = (text: string | undefined): Buffer => Buffer.from(text ?? '');

/** Starts a table of that name. */
export async function dynamoDouble(table: string): Promise<DynamoDouble> {
  const store = new Map<string, StoredItem>();
  const applied = new Map<string, string>();
  const settings = { pageSize: 100 };
  const ours = (input: JsonInput): JsonInput => {
    if (input['TableName'] !== table)
      throw new ServiceError('ResourceNotFoundException', 'Requested resource not found');
    return input;
  };

  const double = await jsonDouble(
    { signedFor: 'dynamodb', target: 'DynamoDB_20120810', version: '1.0' },
    {
      GetItem: (input) => {
        consistent(ours(input));
        return { Item: store.get(keyOf(input['Key'] as StoredItem)) };
      },
      Query: (input) => query([...store.values()], consistent(ours(input)), settings.pageSize),
      BatchWriteItem: (input) => {
        const requests =
          (input['RequestItems'] as Record<string, { DeleteRequest: { Key: StoredItem } }[]>)[table] ?? [];
        if (requests.length > 25)
          throw new ServiceError(
            'ValidationException',
            'Too many items requested for the BatchWriteItem call',
          );
        for (const { DeleteRequest } of requests) store.delete(keyOf(DeleteRequest.Key));
        return { UnprocessedItems: {} };
      },
      TransactWriteItems: (input) => transact(store, applied, table, input),
    },
  );
  return {
    ...double,
    items: () => [...store.values()],
    put: (item) => store.set(keyOf(item), item),
    get pageSize() {
      return settings.pageSize;
    },
    set pageSize(size: number) {
      settings.pageSize = size;
    },
  };
}

/** An eventually consistent read would let a caller decide on what is no longer so. */
function consistent(input: JsonInput): JsonInput {
  if (input['ConsistentRead'] !== true)
    throw new Error('a read of the ledger or the audit must be consistent');
  return input;
}

function query(all: readonly StoredItem[], input: JsonInput, pageSize: number): unknown {
  const { ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } =
    input as Conditional;
  const expression = String(input['KeyConditionExpression']);
  if (names['#pk'] !== 'pk' || !/^#pk = :pk( AND #sk (BETWEEN :from AND :last|> :after))?$/.test(expression))
    throw new Error(`unexpected key condition ${expression}`);
  const [from, last] = [values[':from'], values[':last']];
  const start = (input['ExclusiveStartKey'] as StoredItem | undefined)?.['sk']?.S;
  const after = values[':after']?.S;
  const found = all
    .filter(({ pk }) => pk?.S === values[':pk']?.S)
    .filter(({ sk }) => from === undefined || Buffer.compare(bytes(sk?.S), bytes(from.S)) >= 0)
    .filter(({ sk }) => after === undefined || Buffer.compare(bytes(sk?.S), bytes(after)) > 0)
    .filter(({ sk }) => last === undefined || Buffer.compare(bytes(sk?.S), bytes(last.S)) <= 0)
    .sort((a, b) => Buffer.compare(bytes(a['sk']?.S), bytes(b['sk']?.S)))
    .filter(({ sk }) => start === undefined || Buffer.compare(bytes(sk?.S), bytes(start)) > 0);
  const size = Math.min(pageSize, Number(input['Limit'] ?? Number.POSITIVE_INFINITY));
  if (size < 1) throw new ServiceError('ValidationException', 'Limit must be at least 1');
  const page = found.slice(0, size);
  const tail = page.at(-1);
  return {
    Items: page,
    Count: page.length,
    ...(found.length > size && tail ? { LastEvaluatedKey: { pk: tail['pk'], sk: tail['sk'] } } : {}),
  };
}

interface Action extends Conditional {
  readonly TableName: string;
  readonly Item?: StoredItem;
  readonly Key?: StoredItem;
}

/** All or nothing, and once per ClientRequestToken. */
function transact(
  store: Map<string, StoredItem>,
  applied: Map<string, string>,
  table: string,
  input: JsonInput,
): unknown {
  const token = String(input['ClientRequestToken']);
  if (token.length > 36) throw new ServiceError('ValidationException', 'ClientRequestToken is too long');
  const items = input['TransactItems'] as readonly Readonly<Record<string, Action>>[];
  if (items.length > 100) throw new ServiceError('ValidationException', 'at most 100 items');
  const body = JSON.stringify(items);
  const before = applied.get(token);
  if (before === body) return {};
  if (before !== undefined)
    throw new ServiceError('IdempotentParameterMismatchException', 'another request with this token');

  const actions = items.map((item) => {
    const [kind, action] = Object.entries(item)[0] ?? [];
    if (!kind || !action || action.TableName !== table)
      throw new Error(`unexpected action ${JSON.stringify(item)}`);
    return { kind, action, key: keyOf(action.Item ?? action.Key ?? {}) };
  });
  if (new Set(actions.map(({ key }) => key)).size < actions.length)
    throw new ServiceError(
      'ValidationException',
      'Transaction request cannot include multiple operations on one item',
    );
  const reasons = actions.map(({ action, key }) =>
    holds(action, store.get(key)) ? { Code: 'None' } : { Code: 'ConditionalCheckFailed' },
  );
  if (reasons.some(({ Code }) => Code !== 'None'))
    throw new ServiceError('TransactionCanceledException', 'Transaction cancelled', {
      CancellationReasons: reasons,
    });

  for (const { kind, action, key } of actions) {
    if (kind === 'Put' && action.Item) store.set(key, action.Item);
    else if (kind === 'Delete') store.delete(key);
    else if (kind !== 'ConditionCheck') throw new Error(`unexpected action ${kind}`);
  }
  applied.set(token, body);
  return {};
}

function holds(action: Action, item: StoredItem | undefined): boolean {
  const {
    ConditionExpression: expression,
    ExpressionAttributeNames: names = {},
    ExpressionAttributeValues: values = {},
  } = action;
  if (expression === undefined) return true;
  return expression.split(' AND ').every((part) => {
    const absent = /^attribute_not_exists\((#\w+)\)$/.exec(part)?.[1];
    if (absent !== undefined) return item?.[names[absent] ?? ''] === undefined;
    const [, name, value] = /^(#\w+) = (:\w+)$/.exec(part) ?? [];
    if (name === undefined || value === undefined) throw new Error(`unexpected condition ${expression}`);
    const [found, wanted] = [item?.[names[name] ?? ''], values[value]];
    return found !== undefined && found.S === wanted?.S && found.N === wanted?.N;
  });
}
