import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { clientAt, uniqueName } from './bed-client.ts';
import { oneByOne } from './one-by-one.ts';

/** A table of its own for one test, keyed as `contracts/tables.ts` says. */
export interface BedTable {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly remove: () => Promise<void>;
}

/** How the items of a table are keyed. */
interface Keys {
  readonly partitionKey: string;
  readonly sortKey: string;
}

/** Makes one. On moto it is asked one call at a time: `moto-mixes-up-two-at-once`. */
export async function makeTable(url: string, keys: Keys): Promise<BedTable> {
  const client = new DynamoDBClient(clientAt(url));
  return makeTableWith(url === bedAddresses().moto ? oneByOne(client) : client, keys);
}

/** Makes one, and has it asked in the way of that client. */
export async function makeTableWith(
  client: DynamoDBClient,
  { partitionKey, sortKey }: Keys,
): Promise<BedTable> {
  const table = uniqueName('table');
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [partitionKey, sortKey].map((AttributeName) => ({
        AttributeName,
        AttributeType: 'S',
      })),
      KeySchema: [
        { AttributeName: partitionKey, KeyType: 'HASH' },
        { AttributeName: sortKey, KeyType: 'RANGE' },
      ],
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 0.1, maxDelay: 1 }, { TableName: table });
  const remove = async (): Promise<void> => {
    await client.send(new DeleteTableCommand({ TableName: table }));
    client.destroy();
  };
  return { client, table, remove };
}
