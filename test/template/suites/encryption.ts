import { expect, it } from 'vitest';
import { verdictOf } from '../../rights/one-policy.ts';
import type { Policy } from '../../rights/policy.ts';
import type { Attempt } from '../../rights/request.ts';
import { rolesOf } from '../roles.ts';
import { example } from '../the-example.ts';
import type { Resolved, Resource, SynthesizedEnvironment } from '../synthesized-environment.ts';
import { text } from '../text-of.ts';

/** Types that keep what we give them, and where each says with which key. */
const KEEPERS: Readonly<Record<string, (properties: Resource['properties']) => Resolved | undefined>> = {
  'AWS::SQS::Queue': ({ KmsMasterKeyId: key }) => key,
  'AWS::SNS::Topic': ({ KmsMasterKeyId: key }) => key,
  'AWS::SecretsManager::Secret': ({ KmsKeyId: key }) => key,
  'AWS::CloudTrail::Trail': ({ KMSKeyId: key }) => key,
  'AWS::S3::Bucket': ({ BucketEncryption: encryption }) =>
    at(encryption, 'ServerSideEncryptionConfiguration', 0, 'ServerSideEncryptionByDefault', 'KMSMasterKeyID'),
  'AWS::DynamoDB::GlobalTable': ({ Replicas: replicas }) =>
    at(replicas, 0, 'SSESpecification', 'KMSMasterKeyId'),
};

function at(value: Resolved | undefined, ...path: readonly (string | number)[]): Resolved | undefined {
  return path.reduce<Resolved | undefined>(
    (node, step) =>
      typeof node === 'object' ? (node as Readonly<Record<string | number, Resolved>>)[step] : undefined,
    value,
  );
}

/** The policy of a key, by its ARN. */
function keyPolicy(environment: SynthesizedEnvironment, arn: Resolved | undefined): Policy {
  const found = environment
    .ofType('AWS::KMS::Key')
    .find(({ stack, id }) => environment.resolve(stack, { 'Fn::GetAtt': [id, 'Arn'] }) === arn);
  if (!found) throw new Error(`no key ${text(arn)}`);
  return found.properties['KeyPolicy'] as unknown as Policy;
}

const PUBLISHING: readonly string[] = ['kms:GenerateDataKey', 'kms:Decrypt'];

/** What KMS is told where nobody tells it anything: no service in between, nothing that the call is for or about. */
const TOLD_NOTHING = {
  'aws:SourceAccount': null,
  'aws:SourceArn': null,
  'kms:CallerAccount': null,
  'kms:ViaService': null,
  'kms:EncryptionContext:SecretARN': null,
  'kms:EncryptionContext:aws:cloudtrail:arn': null,
};

/** Whether a service that acts in its own name may use a key, with what it tells KMS. */
const mayPublish = (policy: Policy, service: string, told: Attempt['context'] = {}): boolean =>
  PUBLISHING.every(
    (action) =>
      verdictOf(
        policy,
        { action, resource: '*', context: { ...TOLD_NOTHING, ...told } },
        `service:${service}`,
      ) === 'allowed',
  );

/** Whether a role may use a key through a service. */
const mayUse = (environment: SynthesizedEnvironment, policy: Policy, via: string, role: string): boolean =>
  PUBLISHING.every(
    (action) =>
      verdictOf(
        policy,
        {
          action,
          resource: '*',
          context: {
            'kms:CallerAccount': environment.account,
            'kms:ViaService': `${via}.${environment.region}.amazonaws.com`,
          },
        },
        role,
      ) === 'allowed',
  );

const queueByArn = (environment: SynthesizedEnvironment, arn: string): Resource => {
  const found = environment
    .ofType('AWS::SQS::Queue')
    .find(({ stack, id }) => environment.resolve(stack, { 'Fn::GetAtt': [id, 'Arn'] }) === arn);
  if (!found) throw new Error(`no queue ${arn}`);
  return found;
};

const keyOf = (environment: SynthesizedEnvironment, resource: Resource): Policy =>
  keyPolicy(environment, KEEPERS[resource.type]?.(resource.properties));

// Everything that keeps something is encrypted with a key of ours, and whoever publishes into it may use that key.

it.each(Object.keys(KEEPERS))('encryption: every %s is encrypted with a key of ours', (type) => {
  for (const environment of example().environments)
    for (const resource of environment.ofType(type))
      expect(() => keyOf(environment, resource), `${resource.id} in ${resource.stack}`).not.toThrow();
  expect(example().environments.flatMap((environment) => environment.ofType(type)).length).toBeGreaterThan(0);
});

it('encryption: symmetric keys rotate, the signing key cannot, and none goes with its stack', () => {
  for (const environment of example().environments)
    for (const { properties, raw } of environment.ofType('AWS::KMS::Key')) {
      const isSigning = properties['KeyUsage'] === 'SIGN_VERIFY';
      expect(properties['EnableKeyRotation'] ?? false).toBe(!isSigning);
      expect(properties['KeySpec']).toBe(isSigning ? 'ECC_NIST_EDWARDS25519' : undefined);
      expect([raw.DeletionPolicy, raw.UpdateReplacePolicy]).toEqual(['Retain', 'Retain']);
    }
});

it('encryption: no policy of IAM alone uses a key: not an administrator’s, not anybody’s', () => {
  for (const environment of example().environments)
    for (const { properties, id } of environment.ofType('AWS::KMS::Key')) {
      const policy = properties['KeyPolicy'] as unknown as Policy;
      for (const action of [
        'kms:Decrypt',
        'kms:Encrypt',
        'kms:GenerateDataKey',
        'kms:Sign',
        'kms:CreateGrant',
      ])
        expect(
          verdictOf(
            policy,
            {
              action,
              resource: '*',
              context: {
                ...TOLD_NOTHING,
                'kms:CallerAccount': environment.account,
                'kms:GrantIsForAWSResource': null,
              },
            },
            `arn:aws:iam::${environment.account}:role/Administrator`,
          ),
          `${id} ${action}`,
        ).toBe('silent');
    }
});

it('encryption: seal-audit alone signs', () => {
  for (const environment of example().environments) {
    const key = environment
      .ofType('AWS::KMS::Key')
      .find(({ properties }) => properties['KeyUsage'] === 'SIGN_VERIFY');
    const policy = key?.properties['KeyPolicy'] as unknown as Policy;
    const signers = rolesOf(environment).filter(
      ({ arn }) => verdictOf(policy, { action: 'kms:Sign', resource: '*' }, arn) === 'allowed',
    );
    expect(signers.map(({ name }) => name)).toEqual(['seal-audit']);
  }
});

it('encryption: publisher: rules of EventBridge may use the key of every queue that they feed, and tell KMS nothing', () => {
  for (const environment of example().environments) {
    const rules = environment.ofType('AWS::Events::Rule');
    expect(rules.length).toBeGreaterThan(0);
    for (const { properties, id } of rules) {
      const targets = properties['Targets'] as unknown as readonly {
        readonly Arn: string;
        readonly DeadLetterConfig: { readonly Arn: string };
      }[];
      for (const { Arn: arn, DeadLetterConfig: dead } of targets)
        for (const queue of [arn, dead.Arn])
          expect(
            mayPublish(keyOf(environment, queueByArn(environment, queue)), 'events.amazonaws.com'),
            `${id} → ${queue}`,
          ).toBe(true);
    }
  }
});

it('encryption: publisher: alarms of CloudWatch of this account may use the key of the topic, others may not', () => {
  for (const environment of example().environments) {
    const [topic] = environment.ofType('AWS::SNS::Topic');
    if (!topic) throw new Error('no topic');
    const from = (account: string) => ({
      'aws:SourceAccount': account,
      'aws:SourceArn': `arn:aws:cloudwatch:${environment.region}:${account}:alarm:lockstep-${environment.name}-finding`,
    });
    expect(mayPublish(keyOf(environment, topic), 'cloudwatch.amazonaws.com', from(environment.account))).toBe(
      true,
    );
    expect(mayPublish(keyOf(environment, topic), 'cloudwatch.amazonaws.com', from('999999999999'))).toBe(
      false,
    );
  }
});

it('encryption: publisher: the topic may use the key of the queue of what its subscribers did not take', () => {
  for (const environment of example().environments) {
    const queue = environment
      .ofType('AWS::SQS::Queue')
      .find(({ properties }) => text(properties['QueueName']).includes('on-call'));
    const topic = environment.ofType('AWS::SNS::Topic')[0];
    if (!queue || !topic) throw new Error('no topic or no queue');
    const arn = text(environment.resolve(topic.stack, { Ref: topic.id }));
    expect(mayPublish(keyOf(environment, queue), 'sns.amazonaws.com', { 'aws:SourceArn': arn })).toBe(true);
    expect(
      mayPublish(keyOf(environment, queue), 'sns.amazonaws.com', { 'aws:SourceArn': `${arn}-other` }),
    ).toBe(false);
  }
});

it('encryption: publisher: schedules send what they could not deliver as their role, through SQS', () => {
  for (const environment of example().environments)
    for (const { properties } of environment.ofType('AWS::Scheduler::Schedule')) {
      const target = properties['Target'] as unknown as {
        readonly RoleArn: string;
        readonly DeadLetterConfig: { readonly Arn: string };
      };
      const queue = queueByArn(environment, target.DeadLetterConfig.Arn);
      expect(mayUse(environment, keyOf(environment, queue), 'sqs', target.RoleArn)).toBe(true);
    }
});

it('encryption: publisher: the trail may write its files, for itself alone', () => {
  for (const environment of example().environments)
    for (const trail of environment.ofType('AWS::CloudTrail::Trail')) {
      const arn = `arn:aws:cloudtrail:${environment.region}:${environment.account}:trail/${text(trail.properties['TrailName'])}`;
      const attempt = (source: string): Attempt => ({
        action: 'kms:GenerateDataKey',
        resource: '*',
        context: {
          ...TOLD_NOTHING,
          'aws:SourceArn': source,
          'kms:EncryptionContext:aws:cloudtrail:arn': source,
        },
      });
      expect(verdictOf(keyOf(environment, trail), attempt(arn), 'service:cloudtrail.amazonaws.com')).toBe(
        'allowed',
      );
      expect(
        verdictOf(keyOf(environment, trail), attempt(`${arn}-other`), 'service:cloudtrail.amazonaws.com'),
      ).toBe('silent');
    }
});

it.each([
  ['dynamodb', 'AWS::DynamoDB::GlobalTable'],
  ['sqs', 'AWS::SQS::Queue'],
  ['sns', 'AWS::SNS::Topic'],
] as const)(
  'encryption: our roles reach what is encrypted through %s, and through no other service',
  (via, type) => {
    for (const environment of example().environments)
      for (const resource of environment.ofType(type)) {
        const [role] = rolesOf(environment);
        if (!role) throw new Error('no role');
        expect(
          mayUse(environment, keyOf(environment, resource), via, role.arn),
          `${resource.id} in ${resource.stack}`,
        ).toBe(true);
        expect(mayUse(environment, keyOf(environment, resource), 'ec2', role.arn)).toBe(false);
      }
  },
);

it('encryption: a key whose policy forgot a publisher is found out', () => {
  const [environment] = example().environments;
  if (!environment) throw new Error('no environment');
  const [queue] = environment.ofType('AWS::SQS::Queue');
  if (!queue) throw new Error('no queue');
  const policy = keyOf(environment, queue);
  const without = {
    Statement: policy.Statement.filter(
      ({ Principal }) => !JSON.stringify(Principal).includes('events.amazonaws.com'),
    ),
  };
  expect(mayPublish(policy, 'events.amazonaws.com')).toBe(true);
  expect(mayPublish(without, 'events.amazonaws.com')).toBe(false);
});

it('encryption: queues, topics and buckets take nothing in the clear', () => {
  for (const environment of example().environments) {
    const policies = ['AWS::SQS::QueuePolicy', 'AWS::SNS::TopicPolicy', 'AWS::S3::BucketPolicy'].flatMap(
      (type) => environment.ofType(type),
    );
    for (const { properties, id } of policies) {
      const policy = properties['PolicyDocument'] as unknown as Policy;
      const denies = policy.Statement.filter(
        ({ Effect, Condition }) =>
          Effect === 'Deny' && Condition?.['Bool']?.['aws:SecureTransport'] === 'false',
      );
      expect(denies.length, `of ${id}`).toBeGreaterThan(0);
    }
    const keepers = ['AWS::SQS::Queue', 'AWS::SNS::Topic', 'AWS::S3::Bucket'].flatMap((type) =>
      environment.ofType(type),
    );
    expect(policies).toHaveLength(keepers.length);
  }
});
