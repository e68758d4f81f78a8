import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { clientAt, uniqueName } from './bed-client.ts';

/** A table of its own for one test, keyed as `contracts/tables.ts` says. */
export interface BedTable {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly remove: () => Promise<void>;
}

/** Makes one. */
export async function makeTable(
  url: string,
  { partitionKey, sortKey }: { readonly partitionKey: string; readonly sortKey: string },
): Promise<BedTable> {
  const client = new DynamoDBClient(clientAt(url));
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
