import {
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { AUDIT_TABLE } from '../../../lambdas/contracts/tables.ts';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { clientAt } from '../ports/bed-client.ts';
import { makeTableWith, type BedTable } from '../ports/bed-tables.ts';
import { itDeviates } from './it-deviates.ts';
import { outcomeOf } from './outcome-of.ts';
import { deviation } from './table.ts';

const { dynamodbLocal, ministack, moto } = bedAddresses();

const item = (sk: string, text = '') => ({ pk: { S: 'p' }, sk: { S: sk }, text: { S: text } });

/** Writes until it is told that it is enough; answers how many writes were acknowledged. */
async function writeMeanwhile({ client, table }: BedTable, isEnough: () => boolean): Promise<number> {
  let written = 0;
  const writer = async (name: number): Promise<void> => {
    for (let number = 0; !isEnough(); number += 1) {
      const put = new PutItemCommand({ TableName: table, Item: item(`new-${name}-${number}`) });
      if ((await outcomeOf(client.send(put))) === 'done') written += 1;
    }
  };
  await Promise.all([1, 2, 3].map(writer));
  return written;
}

/** A hundred actions of which the last cannot be. */
const hopeless = (table: string): readonly TransactWriteItem[] => [
  ...Array.from({ length: 99 }, (_, number) => ({
    Put: { TableName: table, Item: item(`transaction-${number}`) },
  })),
  {
    ConditionCheck: {
      TableName: table,
      Key: { pk: { S: 'p' }, sk: { S: 'nothing' } },
      ConditionExpression: 'attribute_exists(pk)',
    },
  },
];

/** What a transaction that is cancelled does to the writes beside it. */
async function besideACancelled(url: string): Promise<'nothing' | 'mixed up'> {
  const made = await makeTableWith(new DynamoDBClient(clientAt(url)), AUDIT_TABLE);
  const { client, table, remove } = made;
  for (let number = 0; number < 20; number += 1)
    await client.send(
      new PutItemCommand({ TableName: table, Item: item(`old-${number}`, 'x'.repeat(10_000)) }),
    );

  const state = { isOver: false };
  const writing = writeMeanwhile(made, () => state.isOver);
  const transaction = new TransactWriteItemsCommand({ TransactItems: [...hopeless(table)] });
  const outcome = await outcomeOf(client.send(transaction));
  state.isOver = true;
  const written = await writing;

  const { Count: found } = await client.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :new)',
      ExpressionAttributeValues: { ':pk': { S: 'p' }, ':new': { S: 'new-' } },
    }),
  );
  await remove();
  return outcome === 'TransactionCanceledException' && found === written ? 'nothing' : 'mixed up';
}

/** Threads meet by chance: how often it is tried until they do. */
const ROUNDS = 20;

describe('transactions beside other writes', () => {
  itDeviates(deviation('moto-mixes-up-two-at-once'), { bed: 'mixed up', aws: 'nothing' }, async () => {
    for (let round = 0; round < ROUNDS; round += 1)
      if ((await besideACancelled(moto)) === 'mixed up') return 'mixed up';
    return 'nothing';
  });

  it.each([
    ['MiniStack', ministack],
    ['DynamoDB Local', dynamodbLocal],
  ])('are kept apart by %s', async (_, url) => {
    expect(await besideACancelled(url)).toBe('nothing');
  });
});
