import type { NamedPolicy } from '../rights/look-through.ts';
import { NotUnderstood } from '../rights/not-understood.ts';
import type { Policy, Statement } from '../rights/policy.ts';
import type { Resource, SynthesizedEnvironment } from './synthesized-environment.ts';
import { text } from './text-of.ts';

/** Every policy of an environment that is attached to what is reached, by the ARN of that. */
export type ResourcePolicies = ReadonlyMap<string, NamedPolicy>;

type Reader = (
  resource: Resource,
  environment: SynthesizedEnvironment,
) => readonly (readonly [arn: string, document: Policy])[];

const asPolicy = (value: unknown): Policy => value as Policy;
const arnAt = (environment: SynthesizedEnvironment, { stack, id }: Resource): string =>
  text(environment.resolve(stack, { 'Fn::GetAtt': [id, 'Arn'] }));

const READERS: Readonly<Record<string, Reader>> = {
  'AWS::SecretsManager::ResourcePolicy': ({ properties }) => [
    [text(properties['SecretId']), asPolicy(properties['ResourcePolicy'])],
  ],
  'AWS::SQS::QueuePolicy': ({ properties }) =>
    (properties['Queues'] as readonly string[]).map((url) => [
      queueArn(url),
      asPolicy(properties['PolicyDocument']),
    ]),
  'AWS::SNS::TopicPolicy': ({ properties }) =>
    (properties['Topics'] as readonly string[]).map((arn) => [arn, asPolicy(properties['PolicyDocument'])]),
  'AWS::S3::BucketPolicy': ({ properties }) => [
    [`arn:aws:s3:::${text(properties['Bucket'])}`, asPolicy(properties['PolicyDocument'])],
  ],
  'AWS::DynamoDB::GlobalTable': (resource, environment) => {
    const replicas = resource.properties['Replicas'] as unknown as readonly {
      readonly ResourcePolicy?: { readonly PolicyDocument: Policy };
    }[];
    return replicas.flatMap(({ ResourcePolicy: policy }) =>
      policy ? [[arnAt(environment, resource), policy.PolicyDocument] as const] : [],
    );
  },
  'AWS::KMS::Key': (resource, environment) => [
    [arnAt(environment, resource), asPolicy(resource.properties['KeyPolicy'])],
  ],
  'AWS::IAM::Role': (resource, environment) => [
    [arnAt(environment, resource), asPolicy(resource.properties['AssumeRolePolicyDocument'])],
  ],
  'AWS::Lambda::Permission': ({ properties, id }, environment) => {
    // All permissions of a function, or of one of its aliases, are one policy; it is told with the first of them.
    const beside = environment
      .ofType('AWS::Lambda::Permission')
      .filter((each) => each.properties['FunctionName'] === properties['FunctionName']);
    if (beside[0]?.id !== id) return [];
    return [
      [text(properties['FunctionName']), { Statement: beside.map((each) => permission(each.properties)) }],
    ];
  },
};

/** The ARN of a queue, by its URL. */
export function queueArn(url: string): string {
  const [, region, account, name] =
    /^https:\/\/sqs\.([^.]+)\.amazonaws\.com\/(\d{12})\/([^/]+)$/.exec(url) ?? [];
  if (name === undefined) throw new NotUnderstood(`${url} is no queue`);
  return `arn:aws:sqs:${String(region)}:${String(account)}:${name}`;
}

const PERMISSION = new Set([
  'Action',
  'FunctionName',
  'FunctionUrlAuthType',
  'InvokedViaFunctionUrl',
  'Principal',
  'SourceAccount',
  'SourceArn',
]);

/** What Lambda makes of a permission (https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html). */
function permission(properties: Resource['properties']): Statement {
  for (const name of Object.keys(properties))
    if (!PERMISSION.has(name)) throw new NotUnderstood(`a permission of Lambda with ${name}`);
  const { Action, FunctionName, Principal, SourceAccount: account, SourceArn: arn } = properties;
  const { FunctionUrlAuthType: urlAuth, InvokedViaFunctionUrl: viaUrl } = properties;
  if (Principal !== '*' && !text(Principal).endsWith('.amazonaws.com'))
    throw new NotUnderstood(`a permission of Lambda for ${text(Principal)}`);
  const equals = {
    ...(account === undefined ? {} : { 'aws:SourceAccount': text(account) }),
    ...(urlAuth === undefined ? {} : { 'lambda:FunctionUrlAuthType': text(urlAuth) }),
  };
  return {
    Effect: 'Allow',
    Principal: Principal === '*' ? '*' : { Service: text(Principal) },
    Action: text(Action),
    Resource: text(FunctionName),
    Condition: {
      ...(Object.keys(equals).length === 0 ? {} : { StringEquals: equals }),
      ...(arn === undefined ? {} : { ArnLike: { 'aws:SourceArn': text(arn) } }),
      ...(viaUrl === undefined
        ? {}
        : { Bool: { 'lambda:InvokedViaFunctionUrl': viaUrl === true ? 'true' : 'false' } }),
    },
  };
}

/** All of them. Throws where one thing has two: which of them counts is not said anywhere. */
export function resourcePoliciesOf(environment: SynthesizedEnvironment): ResourcePolicies {
  const policies = new Map<string, NamedPolicy>();
  for (const resource of environment.resources)
    for (const [arn, document] of READERS[resource.type]?.(resource, environment) ?? []) {
      if (policies.has(arn)) throw new Error(`${arn} has two policies`);
      policies.set(arn, { name: `the policy of ${arn}`, document });
    }
  return policies;
}

/** The policy that has a say in a request about a resource. An object of a bucket has that of its bucket. */
export const policyFor = (policies: ResourcePolicies, resource: string): NamedPolicy | undefined =>
  policies.get(resource.startsWith('arn:aws:s3:::') ? (resource.split('/')[0] ?? resource) : resource);
