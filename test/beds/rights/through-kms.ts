import type { Context } from '../../rights/request.ts';
import { asker, type Asked } from './asked.ts';
import type { Reached, Site } from './site-of.ts';

/** A service that works on a key for whoever calls it. */
export type KeyService = 'dynamodb' | 's3' | 'secretsmanager' | 'sns' | 'sqs';

const PAGES: Readonly<Record<KeyService, string>> = {
  dynamodb: 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html',
  s3: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html',
  secretsmanager: 'https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html',
  sns: 'https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html',
  sqs: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html',
};

const ACTIONS = {
  /** A new data key, which is looked at before it is used. */
  write: ['kms:GenerateDataKey', 'kms:Decrypt'],
  read: ['kms:Decrypt'],
} as const;

/**
 * What KMS is asked when a service reads or writes something encrypted: as the caller, through that service. Nothing is
 * asked where no key of ours is. A service keeps a data key for minutes; the call that needs it is any of them.
 */
export function throughKms(
  site: Site,
  principal: string,
  service: KeyService,
  { key, arn }: Reached,
  how: keyof typeof ACTIONS,
): readonly Asked[] {
  if (key === undefined) return [];
  const ask = asker(principal, site.account, PAGES[service]);
  const context: Context = {
    'kms:CallerAccount': site.account,
    'kms:ViaService': `${service}.${site.region}.amazonaws.com`,
    'kms:EncryptionContext:SecretARN': service === 'secretsmanager' ? arn : null,
    'kms:EncryptionContext:aws:cloudtrail:arn': null,
  };
  return ACTIONS[how].map((action) => ask(action, key, context));
}
