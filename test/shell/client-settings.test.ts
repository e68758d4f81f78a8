import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import {
  APPEND_AUDIT_TIMEOUT_SECONDS,
  TARGET_TIMEOUT_SECONDS,
} from '../../lambdas/contracts/function-timeouts.ts';
import {
  invokeSettings,
  storeSettings,
  worstCaseMs,
  type ClientSettings,
} from '../../lambdas/shell/client-settings.ts';
import { FUNCTION_SETTINGS } from '../../lib/functions/function-settings.ts';

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => {
    if (server) server.close(resolve);
    else resolve(undefined);
  });
  server = undefined;
});

interface Place {
  readonly endpoint: string;
  /** How many requests it has taken. */
  readonly taken: () => number;
  readonly connections: () => number;
}

/** A place that answers so. */
async function aPlace(answer: RequestListener): Promise<Place> {
  let [taken, connections] = [0, 0];
  const listening = createServer((request, response) => {
    taken += 1;
    answer(request, response);
  });
  listening.on('connection', () => (connections += 1));
  server = listening;
  await new Promise<void>((resolve) => {
    listening.listen(0, '127.0.0.1', resolve);
  });
  const { port } = listening.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, taken: () => taken, connections: () => connections };
}

/** A place that takes requests and never answers. */
const silence = (): Promise<Place> => aPlace(() => undefined);

/** The same settings with a second made so short that a test does not have to wait for it. */
const hurried = ({ requestHandler, ...settings }: ClientSettings): ClientSettings => ({
  ...settings,
  requestHandler: {
    ...requestHandler,
    requestTimeout: requestHandler.requestTimeout / 75,
    socketTimeout: requestHandler.socketTimeout / 75,
  },
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
  await expect(clientOf(hurried(invokeSettings(1)), endpoint).send(request)).rejects.toMatchObject({
    name: 'TimeoutError',
  });
  expect(taken()).toBe(1);
});

it('gives up on an answer that begins and does not end, after three attempts', async () => {
  const { endpoint, taken } = await aPlace((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'content-length': '100' });
    response.write('{"Item":');
  });
  await expect(clientOf(hurried(storeSettings()), endpoint).send(request)).rejects.toMatchObject({
    name: 'TimeoutError',
  });
  expect(taken()).toBe(3);
});

it('keeps its connection for the next call, however long that is in coming', async () => {
  const { endpoint, taken, connections } = await aPlace((_request, response) => response.end('{}'));
  const settings = hurried(storeSettings());
  const client = clientOf(settings, endpoint);
  await client.send(request);
  await sleep(3 * settings.requestHandler.socketTimeout);
  await client.send(request);
  client.destroy();
  expect([taken(), connections()]).toEqual([2, 1]);
});

it('waits for a function longer than that function may take', () => {
  expect(invokeSettings(60).requestHandler.requestTimeout).toBeGreaterThan(60_000);
});

it('is done with a store, at the worst, before the shortest timeout that our functions have', () => {
  const shortest = Math.min(...Object.values(FUNCTION_SETTINGS).map(({ timeoutSeconds }) => timeoutSeconds));
  expect(worstCaseMs(storeSettings())).toBe(3 * 7000 + 6000 + 7000);
  expect(worstCaseMs(storeSettings())).toBeLessThan(shortest * 1000);
});

it('is done with an audit that does not answer before a target function’s time is up', () => {
  const { connectionTimeout, requestTimeout } = invokeSettings(APPEND_AUDIT_TIMEOUT_SECONDS).requestHandler;
  expect(2 * (connectionTimeout + requestTimeout)).toBeLessThan(TARGET_TIMEOUT_SECONDS * 1000);
});
