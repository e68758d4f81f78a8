import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** Lets a client have one call under way at a time, for a bed that mixes up two. */
export function oneByOne(client: DynamoDBClient): DynamoDBClient {
  let last: Promise<unknown> = Promise.resolve();
  client.middlewareStack.add(
    (next) => (args) => {
      const turn = last.then(() => next(args));
      last = turn.catch(() => undefined);
      return turn;
    },
    { step: 'initialize' },
  );
  return client;
}
