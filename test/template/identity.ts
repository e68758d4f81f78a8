import type { Resolved } from './synthesized-environment.ts';
import { text } from './text-of.ts';

/** Where a resource lies. */
export interface Place {
  readonly stackName: string;
  readonly id: string;
  readonly region: string;
  readonly account: string;
  /** What a table, bucket or key is called where it was deployed. The six letters of a secret matter to nobody. */
  readonly physicalId?: string;
}

type Properties = { readonly [key: string]: Resolved };

/** What a resource is called on AWS, as far as a template tells; what AWS would generate is made of stack and id. */
interface Identity {
  readonly ref: string;
  readonly arn?: string;
}

type IdentityOf = (place: Place, properties: Properties) => Identity;

const arn = ({ region, account }: Place, service: string, rest: string): string =>
  `arn:aws:${service}:${region}:${account}:${rest}`;
const named = (properties: Properties, key: string, place: Place): string =>
  text(properties[key] ?? generated(place));
const generated = ({ stackName, id, physicalId }: Place): string => physicalId ?? `${stackName}-${id}`;

const IDENTITIES: Readonly<Record<string, IdentityOf>> = {
  'AWS::Lambda::Function': (place, properties) => {
    const name = named(properties, 'FunctionName', place);
    return { ref: name, arn: arn(place, 'lambda', `function:${name}`) };
  },
  'AWS::Lambda::Version': (_place, { FunctionName: name }) => ({ ref: `${text(name)}:1` }),
  'AWS::Lambda::Alias': (place, { FunctionName: name, Name: alias }) => ({
    ref: arn(place, 'lambda', `function:${text(name)}:${text(alias)}`),
  }),
  'AWS::SQS::Queue': (place, properties) => {
    const name = named(properties, 'QueueName', place);
    const { region, account } = place;
    return { ref: `https://sqs.${region}.amazonaws.com/${account}/${name}`, arn: arn(place, 'sqs', name) };
  },
  'AWS::IAM::Role': ({ account }, { RoleName: name, Path: path }) => ({
    ref: text(name),
    arn: `arn:aws:iam::${account}:role${text(path)}${text(name)}`,
  }),
  'AWS::IAM::ManagedPolicy': ({ account }, { ManagedPolicyName: name, Path: path }) => ({
    ref: `arn:aws:iam::${account}:policy${text(path)}${text(name)}`,
  }),
  'AWS::SNS::Topic': (place, properties) => ({
    ref: arn(place, 'sns', named(properties, 'TopicName', place)),
  }),
  'AWS::Events::EventBus': (place, properties) => {
    const name = named(properties, 'Name', place);
    return { ref: name, arn: arn(place, 'events', `event-bus/${name}`) };
  },
  'AWS::Events::Rule': (place, { EventBusName: bus }) => {
    const name = `${bus === undefined ? '' : `${text(bus)}/`}${place.id}`;
    return { ref: name, arn: arn(place, 'events', `rule/${name}`) };
  },
  'AWS::KMS::Key': (place) => {
    const id = generated(place);
    return { ref: id, arn: arn(place, 'kms', `key/${id}`) };
  },
  'AWS::DynamoDB::GlobalTable': (place) => {
    const name = generated(place);
    return { ref: name, arn: arn(place, 'dynamodb', `table/${name}`) };
  },
  'AWS::S3::Bucket': (place) => {
    const name = generated(place).toLowerCase();
    return { ref: name, arn: `arn:aws:s3:::${name}` };
  },
  'AWS::SecretsManager::Secret': (place, { Name: name }) => ({
    ref: arn(place, 'secretsmanager', `secret:${text(name)}-AbCdEf`),
  }),
  'AWS::Logs::LogGroup': (place, properties) => ({ ref: named(properties, 'LogGroupName', place) }),
  'AWS::Scheduler::ScheduleGroup': (_place, { Name: name }) => ({ ref: text(name) }),
  'AWS::CloudTrail::Trail': (place, { TrailName: name }) => ({
    ref: text(name),
    arn: arn(place, 'cloudtrail', `trail/${text(name)}`),
  }),
};

/** What a reference to a resource comes to. */
export function identityOf(place: Place, type: string, properties: Properties, attribute: string): string {
  const identity = IDENTITIES[type]?.(place, properties) ?? { ref: `${place.stackName}-${place.id}` };
  if (attribute === 'Ref') return identity.ref;
  if (attribute === 'Arn' && identity.arn !== undefined) return identity.arn;
  if (attribute === 'StreamArn') return `${identity.arn ?? identity.ref}/stream/2027-01-01T00:00:00.000`;
  if (attribute === 'QueueName' || attribute === 'TopicName') return text(properties[attribute]);
  return `${identity.arn ?? identity.ref}/${attribute}`;
}
