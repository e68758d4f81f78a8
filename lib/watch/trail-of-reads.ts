import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { CfnTrail } from 'aws-cdk-lib/aws-cloudtrail';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { arnAt, siteName, type Site } from '../site.ts';

/** Properties of a `TrailOfReads`. */
export interface TrailOfReadsProps {
  readonly site: Site;
  readonly key: IKey;
}

/** The trail's ARN before it exists: the policy of its key has to name it. */
export const trailArn = (site: Site): string => arnAt(site, 'cloudtrail', `trail/${siteName(site, 'reads')}`);

/** Long enough to look back after a finding; the audit keeps the finding itself. */
const KEPT = Duration.days(90);

/**
 * A trail of management events, reads included: without one in the region, EventBridge is told of no call. The first
 * copy of these events in an account is free of charge; an account that has a trail says `trail: 'existing'`.
 */
export class TrailOfReads extends Construct {
  constructor(scope: Construct, id: string, { site, key }: TrailOfReadsProps) {
    super(scope, id);
    const bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      lifecycleRules: [{ expiration: KEPT }],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'CloudTrail alone writes it, its digests show a file that was changed, and its files are gone after 90 days',
    });
    for (const statement of trailMayWrite(site, bucket)) bucket.addToResourcePolicy(statement);
    const trail = new CfnTrail(this, 'Trail', {
      trailName: siteName(site, 'reads'),
      isLogging: true,
      isMultiRegionTrail: false,
      includeGlobalServiceEvents: false,
      enableLogFileValidation: true,
      s3BucketName: bucket.bucketName,
      kmsKeyId: key.keyArn,
      eventSelectors: [{ includeManagementEvents: true, readWriteType: 'All' }],
    });
    if (bucket.policy) trail.node.addDependency(bucket.policy);
  }
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html */
function trailMayWrite(site: Site, bucket: Bucket): readonly PolicyStatement[] {
  const asTrail = { 'aws:SourceArn': trailArn(site) };
  const cloudTrail = new ServicePrincipal('cloudtrail.amazonaws.com');
  return [
    new PolicyStatement({
      sid: 'TrailLooks',
      principals: [cloudTrail],
      actions: ['s3:GetBucketAcl'],
      resources: [bucket.bucketArn],
      conditions: { StringEquals: asTrail },
    }),
    new PolicyStatement({
      sid: 'TrailWrites',
      principals: [cloudTrail],
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects(`AWSLogs/${site.deployment.account}/*`)],
      conditions: { StringEquals: { ...asTrail, 's3:x-amz-acl': 'bucket-owner-full-control' } },
    }),
  ];
}
