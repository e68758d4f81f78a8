import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { storeSettings, worstCaseMs, type ClientSettings } from '../../../lambdas/shell/client-settings.ts';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { clientAt } from '../ports/bed-client.ts';
import type { Interceptor } from '../proxy/bed-proxy.ts';
import { startFaultyBed, type FaultyBed } from './faulty-bed.ts';
import { impatient } from './impatient.ts';
import { namedError, serviceError } from './service-errors.ts';

/* How often and how long the SDK tries, as `client-settings.ts` has it and counts on it. */

/** A store on a bed that fails as planned, for one test. */
const onBed = (work: (bed: FaultyBed) => Promise<void>) => async (): Promise<void> => {
  const bed = await startFaultyBed(bedAddresses().dynamodbLocal);
  try {
    await work(bed);
  } finally {
    await bed.close();
  }
};

const ask = (client: DynamoDBClient): Promise<unknown> =>
  client.send(new GetItemCommand({ TableName: 'none', Key: { pk: { S: 'x' } } }));

interface Metadata {
  readonly attempts: number;
  readonly totalRetryDelay: number;
}

/** What the SDK says of a call that failed. */
async function metadataOf(call: Promise<unknown>): Promise<Metadata> {
  const error = await call.then(
    () => expect.fail('it has to fail'),
    (thrown: unknown) => thrown,
  );
  return (error as { readonly $metadata: Metadata }).$metadata;
}

/** What all waits of a call may come to under these settings: the worst case without its attempts. */
function longestWaitMs(settings: ClientSettings): number {
  const { connectionTimeout, requestTimeout, socketTimeout } = settings.requestHandler;
  return worstCaseMs(settings) - settings.maxAttempts * (connectionTimeout + requestTimeout + socketTimeout);
}

describe.concurrent('a throttled call', () => {
  it(
    'is sent three times, with growing waits that differ from caller to caller',
    onBed(async (bed) => {
      bed.plan('GetItem', 'throttled', Number.POSITIVE_INFINITY);
      const callers = Array.from({ length: 40 }, () => new DynamoDBClient(clientAt(bed.url)));
      const all = await Promise.all(callers.map((client) => metadataOf(ask(client))));
      expect(new Set(all.map(({ attempts }) => attempts))).toEqual(new Set([3]));
      const waits = all.map(({ totalRetryDelay }) => totalRetryDelay);
      expect(new Set(waits).size).toBeGreaterThan(callers.length / 2);
      // The first wait ends within a second by itself, the second one within two.
      expect(Math.max(...waits)).toBeLessThanOrEqual(3000);
      expect(Math.max(...waits)).toBeGreaterThan(1500);
    }),
  );

  it(
    'waits as long as the service asks for, and five seconds more than by itself at most',
    onBed(async (bed) => {
      const settings = { ...storeSettings(), maxAttempts: 2 };
      const busy: Interceptor = async (call) => {
        const answer = serviceError(call, 'throttled');
        return { ...answer, headers: { ...answer.headers, 'retry-after': '3600' } };
      };
      bed.plan('GetItem', busy, Number.POSITIVE_INFINITY);
      const client = new DynamoDBClient({ ...clientAt(bed.url), ...settings });
      const { attempts, totalRetryDelay } = await metadataOf(ask(client));
      expect(attempts).toBe(2);
      expect(totalRetryDelay).toBeGreaterThan(longestWaitMs(settings) / 2);
      expect(totalRetryDelay).toBeLessThanOrEqual(longestWaitMs(settings));
    }),
  );
});

describe.concurrent('a call', () => {
  it(
    'that is refused for good is sent once',
    onBed(async (bed) => {
      const refused: Interceptor = async (call) =>
        namedError(call, 'AccessDeniedException', 'not authorized');
      bed.plan('GetItem', refused, Number.POSITIVE_INFINITY);
      expect(await metadataOf(ask(new DynamoDBClient(clientAt(bed.url))))).toMatchObject({ attempts: 1 });
    }),
  );

  it(
    'that is never answered takes three times the patience of the client, and no longer than the worst case',
    onBed(async (bed) => {
      bed.plan('GetItem', 'silent-before', Number.POSITIVE_INFINITY);
      const settings = impatient(clientAt(bed.url));
      const begunAt = performance.now();
      expect(await metadataOf(ask(new DynamoDBClient(settings)))).toMatchObject({ attempts: 3 });
      const share = (performance.now() - begunAt) / worstCaseMs(settings);
      expect(share).toBeGreaterThan(
        (3 * settings.requestHandler.requestTimeout) / worstCaseMs(settings) / 1.01,
      );
      expect(share).toBeLessThan(1);
    }),
  );

  it(
    'to a store that fails for all is soon made once only: there is a budget of repeats',
    onBed(async (bed) => {
      const client = new DynamoDBClient(clientAt(bed.url));
      bed.plan('GetItem', 'broken', Number.POSITIVE_INFINITY);
      const attempts: number[] = [];
      for (let call = 0; call < 30; call += 1) attempts.push((await metadataOf(ask(client))).attempts);
      expect(attempts[0]).toBe(3);
      expect(attempts.at(-1)).toBe(1);
      expect(bed.calls('GetItem').length).toBeLessThan(3 * attempts.length);
    }),
  );
});
