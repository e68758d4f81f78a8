import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { headKey, headNumber } from '../../lambdas/adapters/s3-head-store/head-key.ts';
import { s3HeadStore, type S3HeadStoreOptions } from '../../lambdas/adapters/s3-head-store/s3-head-store.ts';
import type { SealedHead } from '../../lambdas/core/audit/head.ts';
import type { HeadStore } from '../../lambdas/core/ports/audit.ts';
import { clientOf } from './doubles/http-double.ts';
import { s3Double, s3Refusal, type S3Double } from './doubles/s3.ts';

const BUCKET = 'lockstep-staging-heads';
const now = new Date('2026-11-24T09:00:00.000Z');

let aws: S3Double;
beforeEach(async () => {
  aws = await s3Double(BUCKET);
});
afterEach(() => aws.close());

const store = (more: Partial<S3HeadStoreOptions> = {}): HeadStore =>
  s3HeadStore({
    client: new S3Client({ ...clientOf(aws), forcePathStyle: true }),
    bucket: BUCKET,
    prefix: 'heads/',
    clock: () => now,
    ...more,
  });

const sealed = (number: number, signature = 'c2lnbmF0dXJl'): SealedHead => ({
  head: {
    origin: 'lockstep/staging/audit',
    number,
    at: '2026-11-24T09:00:00.000Z',
    previous: '0'.repeat(64),
    tails: [{ chain: 'vector-store', sequence: number, hash: 'a'.repeat(64) }],
  },
  signature,
  publicKey: 'a2V5',
});

/** Puts heads of these numbers. */
async function having(...numbers: readonly number[]): Promise<HeadStore> {
  const heads = store();
  for (const number of numbers) await heads.put(sealed(number));
  return heads;
}

describe('a head', () => {
  it('comes back as it was put', async () => {
    const heads = await having(1);
    expect(await heads.latest()).toEqual(sealed(1));
  });

  it('is under Object Lock for as long as was asked for', async () => {
    await store({ retention: { mode: 'COMPLIANCE', days: 365 } }).put(sealed(1));
    const [stored] = [...aws.objects.values()];
    expect(stored?.headers['x-amz-object-lock-mode']).toBe('COMPLIANCE');
    expect(new Date(stored?.headers['x-amz-object-lock-retain-until-date'] ?? '')).toEqual(
      new Date('2027-11-24T09:00:00.000Z'),
    );
  });

  it('is left to the rules of the bucket where nothing was asked for', async () => {
    await having(1);
    expect(
      Object.keys([...aws.objects.values()][0]?.headers ?? {}).filter((name) => name.includes('object-lock')),
    ).toEqual([]);
  });

  it('may be put again, and is stored once', async () => {
    const heads = await having(1);
    await heads.put(sealed(1));
    expect(aws.objects.size).toBe(1);
  });

  it('is stored once when the answer is lost', async () => {
    aws.fail({ method: 'PUT', answer: 'lose', after: true });
    const heads = await having(1);
    expect(await heads.latest()).toEqual(sealed(1));
  });

  it('is not replaced by another one with its number: LEDGER_CONFLICT', async () => {
    const heads = await having(1);
    await expect(heads.put(sealed(1, 'b3RoZXI='))).rejects.toMatchObject({ code: 'LEDGER_CONFLICT' });
    expect(await heads.latest()).toEqual(sealed(1));
  });
});

describe('the latest', () => {
  it('is none at first', async () => {
    expect(await store().latest()).toBeUndefined();
  });

  it('is the one with the highest number, found without listing them all', async () => {
    const heads = await having(1, 2, 9, 10, 11);
    const before = aws.requests.length;
    expect((await heads.latest())?.head.number).toBe(11);
    expect(aws.requests.length - before).toBe(2);
  });

  it('is not taken from among objects of somebody else', async () => {
    const heads = await having(1);
    aws.objects.set('heads/000-not-a-head.json', { body: '{}', headers: {} });
    await expect(heads.latest()).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
  });

  it('says AUDIT_BROKEN of an object that is no head', async () => {
    const heads = store();
    aws.objects.set(headKey('heads/', 1), { body: '{"head":"gone"}', headers: {} });
    await expect(heads.latest()).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
  });
});

describe('a list', () => {
  it('is by number, from where it was asked, no longer than asked', async () => {
    const heads = await having(...Array.from({ length: 40 }, (_, index) => index + 1));
    const numbers = async (from: number, limit: number) =>
      (await heads.list(from, limit)).map(({ head }) => head.number);
    expect(await numbers(1, 100)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    expect(await numbers(38, 100)).toEqual([38, 39, 40]);
    expect(await numbers(3, 4)).toEqual([3, 4, 5, 6]);
    expect(await numbers(41, 10)).toEqual([]);
    expect(await numbers(0, 2)).toEqual([1, 2]);
  });

  it('goes on behind a head that is missing, so that the gap shows', async () => {
    const heads = await having(1, 2, 3, 20);
    aws.objects.delete(headKey('heads/', 2));
    expect((await heads.list(1, 100)).map(({ head }) => head.number)).toEqual([1, 3, 20]);
  });

  it('is empty where there is nothing', async () => {
    expect(await store().list(1, 10)).toEqual([]);
  });
});

it.each([
  ['put', 'PUT', () => store().put(sealed(1))],
  ['latest', 'GET', () => store().latest()],
  ['list', 'GET', () => store().list(1, 10)],
] as const)('%s says AUDIT_UNAVAILABLE of a refusal, without its text', async (_name, method, call) => {
  aws.fail({ method, answer: s3Refusal(403, 'AccessDenied') });
  await expect(call()).rejects.toMatchObject({
    code: 'AUDIT_UNAVAILABLE',
    message: expect.stringMatching(/\(AccessDenied\)(?!.*said)/) as string,
  });
});

it('tells numbers and keys apart: newest first, and no other key is a head', () => {
  const keys = [1, 2, 10, 999, 123_456_789].map((number) => headKey('heads/', number));
  expect([...keys].sort()).toEqual(keys.toReversed());
  expect(keys.map((key) => headNumber('heads/', key))).toEqual([1, 2, 10, 999, 123_456_789]);
  for (const key of [
    'heads/',
    'heads/x',
    `heads/${'0'.repeat(12)}-${'0'.repeat(11)}1.json`,
    `other/${headKey('', 1)}`,
  ])
    expect(headNumber('heads/', key)).toBeUndefined();
});
