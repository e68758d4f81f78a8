import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import {
  invokeSettings,
  storeSettings,
  worstCaseMs,
  type ClientSettings,
} from '../../lambdas/shell/client-settings.ts';

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => {
    if (server) server.close(resolve);
    else resolve(undefined);
  });
  server = undefined;
});

/** A place that takes requests and never answers; how many it took. */
async function silence(): Promise<{ readonly endpoint: string; readonly taken: () => number }> {
  let taken = 0;
  const listening = createServer(() => void (taken += 1));
  server = listening;
  await new Promise<void>((resolve) => {
    listening.listen(0, '127.0.0.1', resolve);
  });
  return { endpoint: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`, taken: () => taken };
}

/** The same settings with every time made short, so that a test does not have to wait for it. */
const hurried = (settings: ClientSettings): ClientSettings => ({
  ...settings,
  requestHandler: { ...settings.requestHandler, requestTimeout: 40 },
});

const clientOf = (settings: ClientSettings, endpoint: string) =>
  new DynamoDBClient({
    ...settings,
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
const request = new GetItemCommand({ TableName: 't', Key: { pk: { S: 'x' } } });

it('gives up on a store that never answers, after three attempts', async () => {
  const { endpoint, taken } = await silence();
  await expect(clientOf(hurried(storeSettings()), endpoint).send(request)).rejects.toMatchObject({
    name: 'TimeoutError',
  });
  expect(taken()).toBe(3);
});

it('gives up on a function that never answers after one: a repeat would run it twice at once', async () => {
  const { endpoint, taken } = await silence();
  await expect(clientOf(hurried(invokeSettings(60)), endpoint).send(request)).rejects.toMatchObject({
    name: 'TimeoutError',
  });
  expect(taken()).toBe(1);
});

it('waits for a function longer than that function may take', () => {
  expect(invokeSettings(60).requestHandler.requestTimeout).toBeGreaterThan(60_000);
});

it('is done with a store, at the worst, in less than half of the shortest timeout that our functions have', () => {
  expect(worstCaseMs(storeSettings())).toBe(3 * 4000 + 500 + 1000);
  expect(worstCaseMs(invokeSettings(10))).toBe(13_000);
});
