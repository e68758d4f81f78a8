import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { awsConnection } from '../../cli/connection/aws-connection.ts';
import type { Connection } from '../../cli/connection/connection.ts';
import { secretsManagerVault } from '../../lambdas/adapters/secrets-manager-vault/secrets-manager-vault.ts';
import { toFailure } from '../../lambdas/contracts/failure.ts';
import type { Order } from '../../lambdas/contracts/orders.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { storeSettings } from '../../lambdas/shell/client-settings.ts';
import { clientOf } from '../adapters/doubles/http-double.ts';
import { secretsManagerDouble, type SecretsManagerDouble } from '../adapters/doubles/secrets-manager.ts';
import { NOW } from './a-connection.ts';
import {
  functionUrlDouble,
  KEYS,
  lambdaApiDouble,
  REGION,
  type FunctionUrlDouble,
  type LambdaApiDouble,
} from './aws-doubles.ts';

const stage = { environment: 'staging', account: '111111111111', region: REGION };
const arnOf = (name: string): string =>
  `arn:aws:lambda:${REGION}:111111111111:function:lockstep-staging-${name}`;
const HOLD: Order = { order: 'hold', credential: 'vector-store', reason: 'a test' };
const STATUS = { environment: 'staging', at: NOW, credentials: [], deadLetters: 0 };

let urls: FunctionUrlDouble;
let lambdaApi: LambdaApiDouble;
let secrets: SecretsManagerDouble;
beforeEach(async () => {
  urls = await functionUrlDouble();
  const doors = ['live', 'force', 'roll-back', 'revoke-breach'];
  lambdaApi = await lambdaApiDouble({
    [arnOf('report')]: `${urls.url}report/`,
    ...Object.fromEntries(
      doors.map((alias) => [`${arnOf('operate')}:${alias}`, `${urls.url}operate/${alias}/`]),
    ),
  });
  secrets = await secretsManagerDouble();
  urls.answer = ({ path }) => ({
    status: 200,
    body: JSON.stringify(path === '/report/' ? STATUS : { said: 'it was taken', facts: {} }),
  });
});
afterEach(async () => {
  for (const double of [urls, lambdaApi, secrets]) await double.close();
});

interface Differences {
  readonly keys?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  readonly credentials?: () => Promise<never>;
  readonly timeoutSeconds?: number;
  readonly account?: string;
  readonly fetch?: typeof fetch;
}

function open({
  keys = KEYS,
  credentials,
  timeoutSeconds = 5,
  account,
  fetch: ownFetch,
}: Differences = {}): Connection {
  const lambda = new LambdaClient({
    ...storeSettings(),
    maxAttempts: 1,
    endpoint: lambdaApi.url,
    region: REGION,
    credentials: credentials ?? keys,
  });
  return awsConnection({
    stage: account === undefined ? stage : { ...stage, account },
    lambda,
    vault: secretsManagerVault(new SecretsManagerClient(clientOf(secrets))),
    fetch: ownFetch ?? ((input, init) => fetch(input, init)),
    newId: () => 'e0a1c7b1-1111-4222-8333-444444444444',
    timeouts: { orderSeconds: timeoutSeconds, querySeconds: timeoutSeconds },
  });
}

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'it did not fail',
    (error: unknown) => error,
  );

describe('the way to an environment on AWS', () => {
  it.each([
    [HOLD, 'live'],
    [{ order: 'rotate', credential: 'vector-store', reason: 'r' }, 'live'],
    [{ order: 'page-test' }, 'live'],
    [{ order: 'force', credential: 'vector-store', dependents: ['embedder'], reason: 'r' }, 'force'],
    [{ order: 'roll-back', credential: 'vector-store', reason: 'r' }, 'roll-back'],
    [{ order: 'revoke-breach', credential: 'vector-store', reason: 'r' }, 'revoke-breach'],
  ] as readonly (readonly [Order, string])[])(
    'takes an order through the door of its permission: %j',
    async (order, alias) => {
      expect(await open().order(order)).toEqual({ said: 'it was taken', facts: {} });
      expect(lambdaApi.lookedUp).toEqual([`${arnOf('operate')}:${alias}`]);
      expect(urls.seen).toMatchObject([{ path: `/operate/${alias}/`, body: order }]);
    },
  );

  it('asks report, which has one door, and looks each door up once', async () => {
    const connection = open();
    expect(await connection.query('status', {})).toEqual(STATUS);
    await connection.query('status', { credential: 'vector-store' });
    await connection.order(HOLD);
    await connection.order(HOLD);
    expect(lambdaApi.lookedUp).toEqual([arnOf('report'), `${arnOf('operate')}:live`]);
    expect(urls.seen.map(({ body }) => body)).toEqual([
      { query: 'status' },
      { query: 'status', credential: 'vector-store' },
      HOLD,
      HOLD,
    ]);
  });

  it('signs with the token of a session', async () => {
    await open({ keys: { ...KEYS, sessionToken: 'a fake session token' } }).order(HOLD);
    expect(urls.seen[0]?.headers['x-amz-security-token']).toBe('a fake session token');
  });
});

describe('the doors of AWS', () => {
  it('are shut to any other key, and name the policy that opens the door', async () => {
    const strangers = open({ keys: { accessKeyId: 'test', secretAccessKey: 'of somebody else' } });
    const refused = await failureOf(
      strangers.order({ order: 'force', credential: 'x', dependents: ['y'], reason: 'r' }),
    );
    expect(refused).toMatchObject({ code: 'NOT_BOUND' });
    expect(String(refused)).toContain('lockstep-staging-operator-force');
    expect(String(refused)).not.toContain('may have been carried out');
    expect(urls.seen).toEqual([]);
  });
});

describe('a function on AWS', () => {
  it('brings our errors back with their code', async () => {
    const held = new LockstepError('HELD', 'held by bob', { retryAfterSeconds: 3 });
    urls.answer = () => ({ status: 409, body: JSON.stringify(toFailure(held)) });
    expect(await failureOf(open().order(HOLD))).toMatchObject({
      code: 'HELD',
      message: 'held by bob',
      retryAfterSeconds: 3,
    });
  });

  it.each([
    ['lose' as const],
    [{ status: 502, body: '{"message":"hunter2"}' }],
    [{ status: 200, body: '<html>' }],
  ])('says of an order without a usable answer that it may have been carried out: %j', async (answer) => {
    urls.answer = () => answer;
    const lost = await failureOf(open().order(HOLD));
    expect(lost).toMatchObject({ code: 'NOTHING_REACHABLE' });
    expect(String(lost)).toMatch(/may have been carried out|which was taken/);
    expect(String(lost)).not.toContain('hunter2');
    expect(urls.seen).toHaveLength(1);
  });

  it('does not wait for ever', async () => {
    const never: typeof fetch = (_input, init) =>
      new Promise((_resolve, reject) =>
        init?.signal?.addEventListener('abort', () => reject(new Error('aborted'))),
      );
    expect(await failureOf(open({ fetch: never, timeoutSeconds: 0.05 }).query('status', {}))).toMatchObject({
      code: 'NOTHING_REACHABLE',
      message: '127.0.0.1: no answer within 0.05 s',
    });
  });
});

describe('what is signed', () => {
  it('follows no redirect: signature and order are for one host', async () => {
    const other = await functionUrlDouble();
    urls.answer = () => ({ status: 307, headers: { location: other.url }, body: '' });
    expect(await failureOf(open().order(HOLD))).toMatchObject({ code: 'NOTHING_REACHABLE' });
    expect(other.seen).toEqual([]);
    await other.close();
  });

  it('is not sent to an address without TLS', async () => {
    const api = await lambdaApiDouble({ [`${arnOf('operate')}:live`]: 'http://functions.example.com/' });
    const lambda = new LambdaClient({
      ...storeSettings(),
      endpoint: api.url,
      region: REGION,
      credentials: KEYS,
    });
    const connection = awsConnection({
      stage,
      lambda,
      vault: { putFirst: async () => undefined },
      fetch: () => Promise.reject(new Error('the test saw a request')),
      newId: () => 'an-id',
      timeouts: { orderSeconds: 1, querySeconds: 1 },
    });
    const refused = await failureOf(connection.order(HOLD));
    expect(String(refused)).toContain('nothing was sent');
    await api.close();
  });
});

describe('what keeps a person from AWS', () => {
  const failing = (name: string) => async (): Promise<never> => {
    const error = new Error('a text that names hunter2');
    error.name = name;
    throw error;
  };

  it.each([
    ['CredentialsProviderError', 'no AWS credentials were found'],
    ['ExpiredTokenException', 'sign in again'],
    ['TimeoutError', 'gave no usable answer (TimeoutError)'],
  ])('is told in our words: %s', async (name, says) => {
    const refused = await failureOf(open({ credentials: failing(name) }).order(HOLD));
    expect(refused).toMatchObject({ code: 'NOTHING_REACHABLE' });
    expect(String(refused)).toContain(says);
    expect(String(refused)).not.toContain('hunter2');
    expect(String(refused)).not.toContain('carried out');
    expect(urls.seen).toEqual([]);
  });

  it('is told when nothing is deployed there, or the account is another', async () => {
    const refused = await failureOf(open({ account: '222222222222' }).order(HOLD));
    expect(refused).toMatchObject({ code: 'NOTHING_REACHABLE' });
    expect(String(refused)).toContain('in account 222222222222');
    expect(String(refused)).toContain('npx cdk deploy');
  });
});

describe('a first value on AWS', () => {
  it('goes to Secrets Manager under the person’s own right, and through no function', async () => {
    secrets.declare('lockstep/staging/openai-admin');
    await open().putFirst('openai-admin', new Secret('a fake value'));
    const token = 'e0a1c7b1-1111-4222-8333-444444444444';
    expect(secrets.labels('lockstep/staging/openai-admin')).toEqual({ [token]: ['AWSCURRENT'] });
    expect(secrets.valueOf('lockstep/staging/openai-admin', token)).toBe('a fake value');
    expect(lambdaApi.requests).toEqual([]);
    expect(urls.seen).toEqual([]);
  });
});
