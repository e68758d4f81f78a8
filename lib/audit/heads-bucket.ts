import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { roleArn } from '../../lambdas/contracts/names.ts';
import type { Right } from '../rights/right.ts';
import type { Site } from '../site.ts';

/** Properties of a `HeadsBucket`. */
export interface HeadsBucketProps {
  readonly site: Site;
  readonly key: IKey;
}

/** Where heads lie in the bucket. */
export const HEADS_PREFIX = 'heads/';

/** A head's name: its number counted down, and the number itself, twelve digits each. */
const ANY_HEAD = `${HEADS_PREFIX}${'?'.repeat(12)}-${'?'.repeat(12)}.json`;

/**
 * How long nobody can remove a head, the account's root included. Every head covers all that came before it, so a few
 * months of locked heads protect the whole log; and a trial environment is not kept for years.
 */
const LOCKED = Duration.days(90);

const BECAUSE = 'heads are numbered; the pattern fits their names and nothing else in the bucket';

/**
 * The signed heads of the audit: write-once. The sealer alone adds objects, and only where there is none
 * (`If-None-Match`); nobody deletes.
 */
export class HeadsBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { site, key }: HeadsBucketProps) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      versioned: true,
      objectLockEnabled: true,
      objectLockDefaultRetention: ObjectLockRetention.compliance(LOCKED),
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      bucketKeyEnabled: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const objects = this.bucket.arnForObjects('*');
    const sealer = roleArn(site.deployment.account, site.inventory.environment, 'seal-audit');
    for (const statement of [
      onlySealerAdds(objects, sealer),
      onlyWhereNoneIs(objects),
      nobodyDeletes(objects),
    ])
      this.bucket.addToResourcePolicy(statement);
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'objects cannot be changed or removed, each is signed, and one is added a minute: an access log would tell nothing more',
    });
  }

  /** To find and read heads. Without the right to list, a head that is missing looks like one that is forbidden. */
  mayRead(): readonly Right[] {
    return [
      { actions: ['s3:GetObject'], resources: [this.bucket.arnForObjects(ANY_HEAD)], because: BECAUSE },
      {
        actions: ['s3:ListBucket'],
        resources: [this.bucket.bucketArn],
        conditions: { StringLike: { 's3:prefix': `${HEADS_PREFIX}*` } },
      },
    ];
  }

  /** To add heads. */
  mayAdd(): Right {
    return { actions: ['s3:PutObject'], resources: [this.bucket.arnForObjects(ANY_HEAD)], because: BECAUSE };
  }
}

const deny = (
  sid: string,
  actions: readonly string[],
  objects: string,
  conditions?: Record<string, unknown>,
): PolicyStatement =>
  new PolicyStatement({
    sid,
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: [...actions],
    resources: [objects],
    ...(conditions ? { conditions } : {}),
  });

const onlySealerAdds = (objects: string, sealer: string): PolicyStatement =>
  deny('OnlySealerAdds', ['s3:PutObject'], objects, { ArnNotEquals: { 'aws:PrincipalArn': sealer } });

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html; an upload in parts is refused as well. */
const onlyWhereNoneIs = (objects: string): PolicyStatement =>
  deny('OnlyWhereNoneIs', ['s3:PutObject'], objects, { Null: { 's3:if-none-match': 'true' } });

/** A delete marker removes nothing that is locked, but it would let a number be written a second time. */
const nobodyDeletes = (objects: string): PolicyStatement =>
  deny(
    'NobodyDeletes',
    ['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:BypassGovernanceRetention'],
    objects,
  );
