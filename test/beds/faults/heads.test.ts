import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { s3HeadStore } from '../../../lambdas/adapters/s3-head-store/s3-head-store.ts';
import type { HeadStore } from '../../../lambdas/core/ports/audit.ts';
import { aHead } from '../../fakes/an-audit-entry.ts';
import { codeOf } from '../../ports/under-test.ts';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { clientAt, uniqueName } from '../ports/bed-client.ts';
import type { Interceptor } from '../proxy/bed-proxy.ts';
import { describeFaults, type FaultCase, type FaultsUnderTest } from './describe-faults.ts';
import { startFaultyBed } from './faulty-bed.ts';
import { impatient } from './impatient.ts';
import { namedError } from './service-errors.ts';

interface HeadsUnderFaults extends FaultsUnderTest {
  readonly heads: HeadStore;
}

async function headsUnderFaults(isImpatient: boolean): Promise<HeadsUnderFaults> {
  const { ministack } = bedAddresses();
  const bed = await startFaultyBed(ministack);
  const direct = new S3Client({ ...clientAt(ministack), forcePathStyle: true });
  const bucket = uniqueName('heads');
  await direct.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: true }));
  const settings = { ...clientAt(bed.url), forcePathStyle: true };
  const client = new S3Client(isImpatient ? impatient(settings) : settings);
  const cleanUp = async (): Promise<void> => {
    direct.destroy();
    client.destroy();
    await bed.close();
  };
  return { bed, heads: s3HeadStore({ client, bucket, prefix: 'heads/', clock: () => new Date() }), cleanUp };
}

const first = aHead(1);
const second = aHead(2, first);
const withFirst = ({ heads }: HeadsUnderFaults): Promise<void> => heads.put(first);

const CASES: readonly FaultCase<HeadsUnderFaults>[] = [
  {
    name: 'storing a head',
    action: 'PutObject',
    code: 'AUDIT_UNAVAILABLE',
    attempts: 3,
    prepare: withFirst,
    run: ({ heads }) => heads.put(second),
    check: async ({ heads }) => expect(await heads.list(1, 10)).toEqual([first, second]),
  },
  {
    name: 'reading a head',
    action: 'GetObject',
    code: 'AUDIT_UNAVAILABLE',
    attempts: 3,
    prepare: withFirst,
    run: ({ heads }) => heads.latest(),
    check: async (_subject, answer) => expect(answer).toEqual(first),
  },
  {
    name: 'finding the newest head',
    action: 'ListObjectsV2',
    code: 'AUDIT_UNAVAILABLE',
    attempts: 3,
    prepare: withFirst,
    run: ({ heads }) => heads.latest(),
    check: async (_subject, answer) => expect(answer).toEqual(first),
  },
];

describeFaults('the store of heads', headsUnderFaults, CASES);

it('a head that another writer is just storing is neither stored nor taken for stored', async () => {
  const subject = await headsUnderFaults(false);
  try {
    // What S3 says where two conditional writes of one key meet.
    const meeting: Interceptor = async (call) =>
      namedError(call, 'ConditionalRequestConflict', 'try again', 409);
    subject.bed.plan('PutObject', meeting);
    expect(await codeOf(subject.heads.put(first))).toBe('AUDIT_UNAVAILABLE');
    await subject.heads.put(first);
    expect(await codeOf(subject.heads.put({ ...first, signature: 'b3RoZXI=' }))).toBe('LEDGER_CONFLICT');
    expect(await subject.heads.latest()).toEqual(first);
  } finally {
    await subject.cleanUp();
  }
});
