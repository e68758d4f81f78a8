import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { s3HeadStore } from '../../../lambdas/adapters/s3-head-store/s3-head-store.ts';
import { describeHeadStoreContract, type HeadsUnderTest } from '../../ports/audit-contract.ts';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { clientAt, uniqueName } from './bed-client.ts';

async function headsAt(url: string): Promise<HeadsUnderTest> {
  const client = new S3Client({ ...clientAt(url), forcePathStyle: true });
  const bucket = uniqueName('heads');
  await client.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: true }));
  const retention = { mode: 'COMPLIANCE', days: 1 } as const;
  const heads = s3HeadStore({ client, bucket, prefix: 'heads/', clock: () => new Date(), retention });
  return { heads, cleanUp: async () => client.destroy() };
}

const { ministack, moto } = bedAddresses();

describeHeadStoreContract('S3 of MiniStack', () => headsAt(ministack));
describeHeadStoreContract('S3 of moto', () => headsAt(moto));
