import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { s3HeadStore } from '../../../lambdas/adapters/s3-head-store/s3-head-store.ts';
import { aHead } from '../../fakes/an-audit-entry.ts';
import { describeHeadStoreContract, type HeadsUnderTest } from '../../ports/audit-contract.ts';
import { outcomeOf } from '../deviations/outcome-of.ts';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { clientAt, uniqueName } from './bed-client.ts';

interface LockedHeads extends HeadsUnderTest {
  readonly client: S3Client;
  readonly bucket: string;
}

/** A bucket that locks what is put into it, as `lib/audit` makes it. It stays until the bed ends: nobody can empty it. */
async function headsAt(url: string): Promise<LockedHeads> {
  const client = new S3Client({ ...clientAt(url), forcePathStyle: true });
  const bucket = uniqueName('heads');
  await client.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: true }));
  const DefaultRetention = { Mode: 'COMPLIANCE', Days: 90 } as const;
  await client.send(
    new PutObjectLockConfigurationCommand({
      Bucket: bucket,
      ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention } },
    }),
  );
  const heads = s3HeadStore({ client, bucket, prefix: 'heads/', clock: () => new Date() });
  return { heads, client, bucket, cleanUp: async () => client.destroy() };
}

const { ministack, moto } = bedAddresses();

describe.each([
  ['MiniStack', ministack],
  ['moto', moto],
])('on %s', (_, url) => {
  describeHeadStoreContract('S3', () => headsAt(url));

  it('a head that was put is not removed, whoever asks', async () => {
    const { heads, client, bucket, cleanUp } = await headsAt(url);
    await heads.put(aHead(1));
    const { Versions: versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    const [{ Key, VersionId } = {}] = versions;
    expect(await outcomeOf(client.send(new DeleteObjectCommand({ Bucket: bucket, Key, VersionId })))).toBe(
      'AccessDenied',
    );
    expect(await heads.latest()).toEqual(aHead(1));
    await cleanUp();
  });
});
