import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type ObjectLockMode,
  type S3Client,
} from '@aws-sdk/client-s3';
import { sealedHead } from '../../contracts/audit-shapes.ts';
import { fit, parseJson } from '../../contracts/check.ts';
import type { SealedHead } from '../../core/audit/head.ts';
import { canonicalJson } from '../../core/digest.ts';
import { foreignName, LockstepError } from '../../core/errors.ts';
import type { HeadStore } from '../../core/ports/audit.ts';
import type { Clock } from '../../core/time.ts';
import { headKey, headNumber } from './head-key.ts';

/** What the store of heads needs from outside. */
export interface S3HeadStoreOptions {
  readonly client: S3Client;
  readonly bucket: string;
  /** Ends with `/`. */
  readonly prefix: string;
  readonly clock: Clock;
  /**
   * Object Lock for each head, where the bucket has it. In COMPLIANCE mode nobody can shorten it, root
   * included. Absent: the bucket's own default rules.
   */
  readonly retention?: { readonly mode: ObjectLockMode; readonly days: number };
}

/** How many heads are fetched at once. */
const PARALLEL = 16;

const DAY = 86_400_000;

/**
 * `HeadStore` on S3. Writes with `If-None-Match: *`, so a head is never overwritten; a bucket policy should
 * make that condition mandatory and deny deletion (a delete marker would let a number be written again; the
 * locked version stays, and the chain of heads shows the difference).
 */
export function s3HeadStore(options: S3HeadStoreOptions): HeadStore {
  return {
    latest: () => latest(options),
    put: (head) => put(options, head),
    list: (fromNumber, limit) => list(options, fromNumber, limit),
  };
}

async function latest(options: S3HeadStoreOptions): Promise<SealedHead | undefined> {
  const number = await latestNumber(options);
  return number === undefined ? undefined : get(options, number);
}

async function latestNumber({ client, bucket, prefix }: S3HeadStoreOptions): Promise<number | undefined> {
  const { Contents: found } = await client
    .send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 }))
    .catch((error: unknown) => Promise.reject(unavailable('list the heads', error)));
  const key = found?.[0]?.Key;
  if (key === undefined) return undefined;
  const number = headNumber(prefix, key);
  if (number !== undefined) return number;
  throw new LockstepError(
    'AUDIT_BROKEN',
    `the store of audit heads holds an object that is no head, before all heads; find out who put it there`,
  );
}

async function get(options: S3HeadStoreOptions, number: number): Promise<SealedHead | undefined> {
  const { client, bucket, prefix } = options;
  let json: string | undefined;
  try {
    const { Body: body } = await client.send(
      new GetObjectCommand({ Bucket: bucket, Key: headKey(prefix, number) }),
    );
    json = await body?.transformToString('utf-8');
  } catch (error) {
    if (foreignName(error) === 'NoSuchKey') return undefined;
    throw unavailable(`read head ${number}`, error);
  }
  const what = `audit head ${number}`;
  return fit(sealedHead, parseJson(json ?? '', 'AUDIT_BROKEN', what), 'AUDIT_BROKEN', what);
}

async function put(options: S3HeadStoreOptions, head: SealedHead): Promise<void> {
  const { number } = head.head;
  const outcome = await putOnce(options, number, canonicalJson(head));
  if (outcome === 'stored') return;
  // There is one. Ours, if this is a repeat; otherwise somebody has sealed this number before.
  const existing = await get(options, number);
  if (existing !== undefined && canonicalJson(existing) === canonicalJson(head)) return;
  throw new LockstepError(
    'LEDGER_CONFLICT',
    `audit head ${number} exists and is another one; read the latest head and seal the next number`,
  );
}

async function putOnce(
  { client, bucket, prefix, clock, retention }: S3HeadStoreOptions,
  number: number,
  json: string,
): Promise<'stored' | 'exists'> {
  const request = new PutObjectCommand({
    Bucket: bucket,
    Key: headKey(prefix, number),
    Body: json,
    ContentType: 'application/json',
    IfNoneMatch: '*',
    // Object Lock takes no upload without a checksum.
    ChecksumAlgorithm: 'SHA256',
    ...(retention && {
      ObjectLockMode: retention.mode,
      ObjectLockRetainUntilDate: new Date(clock().getTime() + retention.days * DAY),
    }),
  });
  try {
    await client.send(request);
    return 'stored';
  } catch (error) {
    if (foreignName(error) === 'PreconditionFailed') return 'exists';
    throw unavailable(`store head ${number}`, error);
  }
}

/** A number that is missing is left out, not stopped at: the verifier has to see what comes behind a gap. */
async function list(
  options: S3HeadStoreOptions,
  fromNumber: number,
  limit: number,
): Promise<readonly SealedHead[]> {
  const last = (await latestNumber(options)) ?? 0;
  const heads: SealedHead[] = [];
  for (let next = Math.max(1, fromNumber); next <= last && heads.length < limit; next += PARALLEL) {
    const count = Math.min(PARALLEL, last - next + 1);
    const found = await Promise.all(Array.from({ length: count }, (_, index) => get(options, next + index)));
    heads.push(...found.filter((head) => head !== undefined));
  }
  return heads.slice(0, limit);
}

const unavailable = (action: string, error: unknown): LockstepError =>
  new LockstepError(
    'AUDIT_UNAVAILABLE',
    `could not ${action} of the audit (${foreignName(error)}); try again`,
    {
      cause: error,
    },
  );
