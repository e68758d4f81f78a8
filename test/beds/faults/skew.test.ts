import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { dynamoLedger } from '../../../lambdas/adapters/dynamo-ledger/dynamo-ledger.ts';
import { lambdaTargets } from '../../../lambdas/adapters/lambda-targets/lambda-targets.ts';
import { s3HeadStore } from '../../../lambdas/adapters/s3-head-store/s3-head-store.ts';
import { secretsManagerVault } from '../../../lambdas/adapters/secrets-manager-vault/secrets-manager-vault.ts';
import { TARGET_TIMEOUT_SECONDS } from '../../../lambdas/contracts/function-timeouts.ts';
import { invokeSettings } from '../../../lambdas/shell/client-settings.ts';
import { codeOf } from '../../ports/under-test.ts';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { clientAt } from '../ports/bed-client.ts';
import type { AwsCall } from '../proxy/aws-call.ts';
import { jsonAnswer, type BedAnswer, type Interceptor } from '../proxy/bed-proxy.ts';
import { startFaultyBed, type FaultyBed } from './faulty-bed.ts';
import { namedError } from './service-errors.ts';

/*
 * A function whose clock is minutes off signs requests that AWS refuses. The answer carries AWS's time, by which the SDK
 * sets its own right and sends the request again: once, and never again for that client.
 */

const MINUTE = 60_000;

/** `20260101T000000Z` as an instant. */
const instantOf = (compact: string): number =>
  Date.parse(compact.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
const compact = (at: number): string => new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '');

/** What AWS says of a signature that is older, or newer, than it allows: five minutes, S3 fifteen. */
function refusal(call: AwsCall, now: number): BedAnswer | undefined {
  const signed = instantOf(String(call.headers['x-amz-date']));
  const isAllowed = Math.abs(signed - now) <= (call.service === 's3' ? 15 : 5) * MINUTE;
  if (isAllowed) return undefined;
  if (call.service === 's3')
    return namedError(call, 'RequestTimeTooSkewed', 'The difference between the times is too large.', 403);
  const text =
    signed < now
      ? `Signature expired: ${compact(signed)} is now earlier than ${compact(now - 5 * MINUTE)} (${compact(now)} - 5 min.)`
      : `Signature not yet current: ${compact(signed)} is still later than ${compact(now + 5 * MINUTE)} (${compact(now)} + 5 min.)`;
  return namedError(call, 'InvalidSignatureException', text);
}

/** A service that is right, and so many minutes off the clock here. Says its time with every answer. */
const onItsOwnTime =
  (minutes: number, answer: BedAnswer): Interceptor =>
  async (call) => {
    const now = Date.now() + minutes * MINUTE;
    const { status, headers, body } = refusal(call, now) ?? answer;
    return { status, body, headers: { ...headers, date: new Date(now).toUTCString() } };
  };

type Ask = () => Promise<unknown>;

/** An adapter, the call that it makes, and what a service answers that has nothing. */
interface Adapter {
  readonly action: string;
  readonly answer: BedAnswer;
  readonly ask: (url: string) => Ask;
}

const noHeads: BedAnswer = {
  status: 200,
  headers: { 'content-type': 'application/xml' },
  body: Buffer.from('<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>'),
};

const ADAPTERS: Readonly<Record<string, Adapter>> = {
  'the ledger on DynamoDB': {
    action: 'GetItem',
    answer: jsonAnswer(200, {}),
    ask: (url) => {
      const client = new DynamoDBClient(clientAt(url));
      const system = { newId: randomUUID, random: Math.random, pause: async () => undefined };
      const ledger = dynamoLedger({ client, table: 'ledger', ...system });
      return () => ledger.read('credential', 'store', 'state');
    },
  },
  'the vault on Secrets Manager': {
    action: 'DescribeSecret',
    answer: jsonAnswer(200, { ARN: 'arn', Name: 'store' }),
    ask: (url) => {
      const vault = secretsManagerVault(new SecretsManagerClient(clientAt(url)));
      return () => vault.describe('store');
    },
  },
  'the heads on S3': {
    action: 'ListObjectsV2',
    answer: noHeads,
    ask: (url) => {
      const client = new S3Client({ ...clientAt(url), forcePathStyle: true });
      const heads = s3HeadStore({ client, bucket: 'heads', prefix: 'heads/', clock: () => new Date() });
      return () => heads.latest();
    },
  },
};

async function against(interceptor: Interceptor, work: (bed: FaultyBed) => Promise<void>): Promise<void> {
  const bed = await startFaultyBed(bedAddresses().ministack, [interceptor]);
  try {
    await work(bed);
  } finally {
    await bed.close();
  }
}

describe.each(Object.entries(ADAPTERS))('%s', (_name, { action, answer, ask }) => {
  it.each([20, -20])('sets itself right by the time of a service that is %i minutes off', (minutes) =>
    against(onItsOwnTime(minutes, answer), async (bed) => {
      const asking = ask(bed.url);
      expect(await codeOf(asking())).toBe('none');
      expect(bed.calls(action)).toHaveLength(2);
      await asking();
      expect(bed.calls(action)).toHaveLength(3);
    }),
  );

  it('is not refused for a minute', () =>
    against(onItsOwnTime(1, answer), async (bed) => {
      expect(await codeOf(ask(bed.url)())).toBe('none');
      expect(bed.calls(action)).toHaveLength(1);
    }));
});

it('a target function is asked once only; the next question is signed rightly', () =>
  against(onItsOwnTime(20, jsonAnswer(200, { works: true })), async (bed) => {
    const settings = { ...clientAt(bed.url), ...invokeSettings(TARGET_TIMEOUT_SECONDS) };
    const targets = lambdaTargets({ client: new LambdaClient(settings), functionOf: (family) => family });
    const prove: Ask = () => targets.call('db', { do: 'prove', credential: 'store' });
    expect(await codeOf(prove())).toBe('TARGET_UNREACHABLE');
    expect(await prove()).toEqual({ works: true });
    expect(bed.calls('Invoke')).toHaveLength(2);
  }));
