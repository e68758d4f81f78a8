import { GetItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { CreateKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  PutObjectCommand,
  PutObjectRetentionCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import { describe } from 'vitest';
import { AUDIT_TABLE } from '../../../lambdas/contracts/tables.ts';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { clientAt, uniqueName } from '../ports/bed-client.ts';
import { makeTable } from '../ports/bed-tables.ts';
import { itDeviates } from './it-deviates.ts';
import { outcomeOf } from './outcome-of.ts';
import { deviation } from './table.ts';

const { ministack, moto } = bedAddresses();

describe('tables', () => {
  itDeviates(deviation('moto-applies-a-token-twice'), { bed: '2', aws: '1' }, async () => {
    const { client, table, remove } = await makeTable(moto, AUDIT_TABLE);
    const Key = { pk: { S: 'counted' }, sk: { S: 'once' } };
    const count = {
      TableName: table,
      Key,
      UpdateExpression: 'ADD times :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    };
    const request = { ClientRequestToken: randomUUID(), TransactItems: [{ Update: count }] };
    await client.send(new TransactWriteItemsCommand(request));
    await client.send(new TransactWriteItemsCommand(request));
    const { Item: item } = await client.send(new GetItemCommand({ TableName: table, Key }));
    await remove();
    return item?.['times']?.N;
  });
});

describe('objects', () => {
  const inDays = (days: number): Date => new Date(Date.now() + days * 86_400_000);
  const lockedBucket = async (client: S3Client): Promise<string> => {
    const bucket = uniqueName('locked');
    await client.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: true }));
    return bucket;
  };

  itDeviates(deviation('moto-shortens-a-lock'), { bed: 'done', aws: 'AccessDenied' }, async () => {
    const client = new S3Client({ ...clientAt(moto), forcePathStyle: true });
    const object = { Bucket: await lockedBucket(client), Key: 'head' };
    const lock = { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: inDays(10) } as const;
    await client.send(
      new PutObjectCommand({ ...object, ...lock, Body: 'probe', ChecksumAlgorithm: 'SHA256' }),
    );
    const Retention = { Mode: 'COMPLIANCE', RetainUntilDate: inDays(1) } as const;
    return outcomeOf(client.send(new PutObjectRetentionCommand({ ...object, Retention })));
  });

  itDeviates(
    deviation('ministack-locks-without-a-checksum'),
    { bed: 'done', aws: 'InvalidRequest' },
    async () => {
      const client = new S3Client({
        ...clientAt(ministack),
        forcePathStyle: true,
        requestChecksumCalculation: 'WHEN_REQUIRED',
      });
      const lock = { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: inDays(1) } as const;
      const object = { Bucket: await lockedBucket(client), Key: 'head', Body: 'probe', ...lock };
      return outcomeOf(client.send(new PutObjectCommand(object)));
    },
  );
});

describe('keys', () => {
  const spec = { KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' } as const;

  itDeviates(
    deviation('ministack-signs-long-messages'),
    { bed: 'done', aws: 'ValidationException' },
    async () => {
      const client = new KMSClient(clientAt(ministack));
      const { KeyMetadata: made } = await client.send(new CreateKeyCommand(spec));
      const message = {
        Message: Buffer.alloc(4097),
        MessageType: 'RAW',
        SigningAlgorithm: 'ED25519_SHA_512',
      } as const;
      return outcomeOf(client.send(new SignCommand({ KeyId: made?.KeyId, ...message })));
    },
  );

  itDeviates(deviation('moto-knows-no-ed25519'), { bed: 'ValidationException', aws: 'done' }, () =>
    outcomeOf(new KMSClient(clientAt(moto)).send(new CreateKeyCommand(spec))),
  );
});
