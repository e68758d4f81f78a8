import type { TimedCall } from '../../test/beds/deployed/recorder.ts';

/** What a call of DynamoDB uses, of which table and for what. */
export interface Use {
  /** `read` or `write`. */
  readonly kind: 'read' | 'write';
  /** The first part of the partition key: a family of rows, `outbox`, `chain`, `tails`. */
  readonly family: string;
  /** Request units: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html */
  readonly units: number;
}

type Item = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Bytes of an item: names and values, as https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html counts them. */
const bytesOf = (item: Item): number =>
  Object.entries(item).reduce((sum, [name, value]) => {
    const [type = '', content = ''] = Object.entries(value)[0] ?? [];
    // A number takes about a byte for every two digits, and one more.
    const size = type === 'N' ? Math.ceil(content.length / 2) + 1 : Buffer.byteLength(content);
    return sum + Buffer.byteLength(name) + size;
  }, 0);

const writeUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / 1024));
/** Strongly consistent: all of ours are. */
const readUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / 4096));

const familyOf = (item: Item | undefined): string => (item?.['pk']?.['S'] ?? 'unknown').split('#')[0] ?? '';

/** The uses of one call. Throws where a call is one that nobody has thought of. */
export function usesOf({ action, parameters, answerBytes }: TimedCall): readonly Use[] {
  switch (action) {
    case 'GetItem':
      return [{ kind: 'read', family: familyOf(parameters['Key'] as Item), units: readUnits(answerBytes) }];
    case 'Query': {
      const values = parameters['ExpressionAttributeValues'] as Item;
      return [{ kind: 'read', family: familyOf({ pk: values[':pk'] ?? {} }), units: readUnits(answerBytes) }];
    }
    case 'PutItem': {
      const item = parameters['Item'] as Item;
      return [{ kind: 'write', family: familyOf(item), units: writeUnits(bytesOf(item)) }];
    }
    case 'TransactWriteItems':
      return (parameters['TransactItems'] as readonly TransactItem[]).map(usesOfTransaction);
    case 'BatchWriteItem':
      return Object.values(parameters['RequestItems'] as Readonly<Record<string, readonly BatchItem[]>>)
        .flat()
        .map(({ DeleteRequest }) => ({ kind: 'write', family: familyOf(DeleteRequest?.Key), units: 1 }));
    default:
      throw new Error(`nobody has counted the units of ${action}`);
  }
}

interface TransactItem {
  readonly [verb: string]: { readonly Item?: Item; readonly Key?: Item };
}
interface BatchItem {
  readonly DeleteRequest?: { readonly Key: Item };
}

/** In a transaction everything is written twice: prepared, then committed. */
function usesOfTransaction(item: TransactItem): Use {
  const [action] = Object.values(item);
  const content = action?.Item ?? action?.Key ?? {};
  return { kind: 'write', family: familyOf(content), units: 2 * writeUnits(bytesOf(content)) };
}
