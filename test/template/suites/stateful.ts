import { expect, it } from 'vitest';
import { verdictOf } from '../../rights/one-policy.ts';
import type { Policy } from '../../rights/policy.ts';
import { example } from '../the-example.ts';
import { roleOf, rolesOf } from '../roles.ts';
import { text } from '../text-of.ts';

const STATEFUL = ['audit', 'vault', 'rotation'];
const KEPT_TYPES = [
  'AWS::DynamoDB::GlobalTable',
  'AWS::KMS::Key',
  'AWS::S3::Bucket',
  'AWS::SecretsManager::Secret',
  'AWS::SecretsManager::ResourcePolicy',
];

// What cannot be made again outlives every stack, and the audit and its heads change by one hand only.

it('state: the stacks that hold it cannot be terminated by a slip', () => {
  for (const environment of example().environments)
    for (const { stackName, terminationProtection } of environment.stacks)
      expect({ stackName, terminationProtection: terminationProtection === true }).toEqual({
        stackName,
        terminationProtection: STATEFUL.includes(stackName.slice(`lockstep-${environment.name}-`.length)),
      });
});

it.each(KEPT_TYPES)('state: every %s is kept when its stack goes or replaces it', (type) => {
  const found = example().environments.flatMap((environment) => environment.ofType(type));
  expect(found.length).toBeGreaterThan(0);
  for (const { raw, id } of found)
    expect([id, raw.DeletionPolicy, raw.UpdateReplacePolicy]).toEqual([id, 'Retain', 'Retain']);
});

it('state: tables can be brought back to any second, and are not deleted by a slip', () => {
  for (const environment of example().environments)
    for (const { properties } of environment.ofType('AWS::DynamoDB::GlobalTable')) {
      const [replica] = properties['Replicas'] as unknown as readonly Readonly<Record<string, unknown>>[];
      expect(replica).toMatchObject({
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      });
    }
});

it('state: the audit’s table refuses every writer but append-audit, whatever IAM allows', () => {
  for (const environment of example().environments) {
    const [table] = environment.ofType('AWS::DynamoDB::GlobalTable').filter(({ stack }) => stack === 'audit');
    const [replica] = (table?.properties['Replicas'] ?? []) as unknown as readonly {
      readonly ResourcePolicy: { readonly PolicyDocument: Policy };
    }[];
    if (!replica) throw new Error('no table');
    const write = (action: string, who: string) =>
      verdictOf(replica.ResourcePolicy.PolicyDocument, { action: `dynamodb:${action}`, resource: '*' }, who);
    for (const action of [
      'PutItem',
      'UpdateItem',
      'DeleteItem',
      'BatchWriteItem',
      'PartiQLUpdate',
      'PartiQLDelete',
      'PartiQLInsert',
    ]) {
      expect(write(action, `arn:aws:iam::${environment.account}:role/Administrator`)).toBe('denied');
      for (const { arn, name } of rolesOf(environment))
        expect(write(action, arn), `of ${name}`).toBe(name === 'append-audit' ? 'silent' : 'denied');
    }
  }
});

it('state: heads are written once, by the sealer, under a name that is free; nobody deletes one, and a lock holds for months', () => {
  for (const environment of example().environments) {
    const [bucket] = environment.ofType('AWS::S3::Bucket').filter(({ stack }) => stack === 'audit');
    const [bucketPolicy] = environment
      .ofType('AWS::S3::BucketPolicy')
      .filter(({ stack }) => stack === 'audit');
    expect(bucket?.properties).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 90 } } },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    const name = text(environment.resolve('audit', { Ref: bucket?.id }));
    const resource = `arn:aws:s3:::${name}/heads/999999999998-000000000001.json`;
    const ask = (action: string, who: string, ifNoneMatch: string | null) =>
      verdictOf(
        bucketPolicy?.properties['PolicyDocument'] as unknown as Policy,
        {
          action: `s3:${action}`,
          resource,
          context: {
            'aws:SecureTransport': 'true',
            's3:TlsVersion': '1.3',
            's3:if-none-match': ifNoneMatch,
          },
        },
        who,
      );
    const sealer = roleOf(environment, 'seal-audit').arn;
    const administrator = `arn:aws:iam::${environment.account}:role/Administrator`;
    expect(ask('PutObject', sealer, '*')).not.toBe('denied');
    expect(ask('PutObject', sealer, null)).toBe('denied');
    expect(ask('PutObject', administrator, '*')).toBe('denied');
    for (const who of [sealer, administrator])
      for (const action of ['DeleteObject', 'DeleteObjectVersion'])
        expect(ask(action, who, null)).toBe('denied');
  }
});
