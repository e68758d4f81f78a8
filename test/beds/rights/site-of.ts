import type { Resolved, Resource, SynthesizedEnvironment } from '../../template/synthesized-environment.ts';
import { text } from '../../template/text-of.ts';
import { NotUnderstood } from '../../rights/not-understood.ts';

/** Something of an environment that calls are about. */
export interface Reached {
  readonly name: string;
  readonly arn: string;
  /** The ARN of the key that it is encrypted with. */
  readonly key?: string;
}

/** A table, and the attribute that is its partition key. */
export interface ReachedTable extends Reached {
  readonly partitionKey: string;
}

/** What an environment holds, as far as calls have to be understood. */
export interface Site {
  readonly account: string;
  readonly region: string;
  readonly queues: readonly Reached[];
  readonly topics: readonly Reached[];
  readonly buckets: readonly Reached[];
  readonly secrets: readonly Reached[];
  readonly tables: readonly ReachedTable[];
  /** The ARN of something of this account and region. */
  arn(service: string, rest: string): string;
}

/** Reads an environment. */
export function siteOf(environment: SynthesizedEnvironment): Site {
  const { account, region } = environment;
  const all = <R>(type: string, read: (resource: Resource, ref: Reference) => R): readonly R[] =>
    environment
      .ofType(type)
      .map((each) => read(each, (what) => text(environment.resolve(each.stack, referenceTo(each.id, what)))));
  return {
    account,
    region,
    arn: (service, rest) => `arn:aws:${service}:${region}:${account}:${rest}`,
    queues: all('AWS::SQS::Queue', ({ properties }, ref) =>
      reached(properties['QueueName'], ref('Arn'), properties['KmsMasterKeyId']),
    ),
    topics: all('AWS::SNS::Topic', ({ properties }, ref) =>
      reached(properties['TopicName'], ref('Ref'), properties['KmsMasterKeyId']),
    ),
    buckets: all('AWS::S3::Bucket', ({ properties }, ref) =>
      reached(ref('Ref'), ref('Arn'), within(properties['BucketEncryption'], 'KMSMasterKeyID')),
    ),
    secrets: all('AWS::SecretsManager::Secret', ({ properties }, ref) =>
      reached(properties['Name'], ref('Ref'), properties['KmsKeyId']),
    ),
    tables: all('AWS::DynamoDB::GlobalTable', ({ properties }, ref) => ({
      ...reached(ref('Ref'), ref('Arn'), within(properties['Replicas'], 'KMSMasterKeyId')),
      partitionKey: partitionKeyOf(properties['KeySchema']),
    })),
  };
}

type Reference = (what: 'Ref' | 'Arn') => string;

const referenceTo = (id: string, what: 'Ref' | 'Arn') =>
  what === 'Ref' ? { Ref: id } : { 'Fn::GetAtt': [id, what] };

const reached = (name: Resolved | undefined, arn: string, key: Resolved | undefined): Reached => ({
  name: text(name),
  arn,
  ...(key === undefined ? {} : { key: text(key) }),
});

/** The one value under a name, however deep it lies. */
function within(value: Resolved | undefined, name: string): Resolved | undefined {
  if (typeof value !== 'object') return undefined;
  for (const [each, inside] of Object.entries(value)) {
    if (each === name) return inside;
    const found = within(inside, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function partitionKeyOf(schema: Resolved | undefined): string {
  const keys = schema as unknown as readonly { readonly AttributeName: string; readonly KeyType: string }[];
  return text(keys.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName);
}

/** Something by its name or ARN. Throws `NotUnderstood` where the environment has none like it. */
export function find<R extends Reached>(all: readonly R[], nameOrArn: string, what: string): R {
  const found = all.find(({ name, arn }) => name === nameOrArn || arn === nameOrArn);
  if (found) return found;
  throw new NotUnderstood(`the environment has no ${what} ${nameOrArn}`);
}
