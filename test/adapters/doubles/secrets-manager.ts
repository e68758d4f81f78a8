import { jsonDouble, ServiceError, type JsonDouble, type JsonInput } from './json-double.ts';

/** One version: what it holds, and under which labels it goes. */
interface Version {
  /** Absent where the test has put it here by hand. */
  readonly createdAt?: number;
  value?: string;
  readonly binary?: string;
  readonly labels: Set<string>;
}

/** A secret as the double keeps it. */
interface StoredSecret {
  readonly versions: Map<string, Version>;
  rotationEnabled?: boolean;
  functionArn?: string;
  deleted?: boolean;
}

/** Secrets Manager, with the label rules of its API reference and the texts that it says. */
export interface SecretsManagerDouble extends JsonDouble {
  /** Declares a secret without a value, as CloudFormation does. */
  declare(name: string): StoredSecret;
  labels(name: string): Readonly<Record<string, readonly string[]>>;
  valueOf(name: string, version: string): string | undefined;
}

const notFound = (message: string): ServiceError => new ServiceError('ResourceNotFoundException', message);
const NO_SECRET = "Secrets Manager can't find the specified secret.";

const arnOf = (name: string): string => `arn:aws:secretsmanager:us-east-1:111122223333:secret:${name}-AbCdEf`;

type Secrets = ReadonlyMap<string, StoredSecret>;

/** Starts one. */
export async function secretsManagerDouble(): Promise<SecretsManagerDouble> {
  const secrets = new Map<string, StoredSecret>();
  const double = await jsonDouble(
    { signedFor: 'secretsmanager', target: 'secretsmanager', version: '1.1' },
    {
      DescribeSecret: (input) => describeSecret(secrets, input),
      ListSecretVersionIds: (input) => listVersions(secrets, input),
      ListSecrets: (input) => listSecrets(secrets, input),
      GetSecretValue: (input) => getValue(secrets, input),
      PutSecretValue: writing(secrets, putValue),
      UpdateSecretVersionStage: writing(secrets, updateStage),
      RotateSecret: writing(secrets, rotate),
    },
  );
  const secretOf = (name: string): StoredSecret => {
    const secret = secrets.get(name);
    if (!secret) throw new Error(`the test has not declared ${name}`);
    return secret;
  };
  return {
    ...double,
    declare: (name) => {
      const secret: StoredSecret = { versions: new Map() };
      secrets.set(name, secret);
      return secret;
    },
    labels: (name) => labelsOf(secretOf(name)),
    valueOf: (name, version) => secretOf(name).versions.get(version)?.value,
  };
}

/** By name or by ARN. */
function named(secrets: Secrets, input: JsonInput): [string, StoredSecret] {
  const id = String(input['SecretId']);
  const name = id.startsWith('arn:') ? id.replace(/^.*:secret:/, '').replace(/-[A-Za-z0-9]{6}$/, '') : id;
  const secret = secrets.get(name);
  if (!secret) throw notFound(NO_SECRET);
  return [name, secret];
}

/** What may be read and written: a secret that is being deleted may only be described. */
function living(secrets: Secrets, input: JsonInput): [string, StoredSecret] {
  const [name, secret] = named(secrets, input);
  if (!secret.deleted) return [name, secret];
  throw new ServiceError(
    'InvalidRequestException',
    "You can't perform this operation on the secret because it was marked for deletion.",
  );
}

function describeSecret(secrets: Secrets, input: JsonInput): unknown {
  const [name, secret] = named(secrets, input);
  return {
    ARN: arnOf(name),
    Name: name,
    RotationEnabled: secret.rotationEnabled,
    VersionIdsToStages: labelsOf(secret),
  };
}

/** Pages of two. Seconds since 1970, as the protocol has it. */
function listVersions(secrets: Secrets, input: JsonInput): unknown {
  const [name, secret] = named(secrets, input);
  const versions = [...secret.versions].filter(
    ([, { labels }]) => labels.size > 0 || input['IncludeDeprecated'] === true,
  );
  const from = Number(input['NextToken'] ?? 0);
  return {
    ARN: arnOf(name),
    Name: name,
    Versions: versions.slice(from, from + 2).map(([id, { labels, createdAt }]) => ({
      VersionId: id,
      VersionStages: [...labels],
      CreatedDate: createdAt,
    })),
    ...(from + 2 < versions.length ? { NextToken: String(from + 2) } : {}),
  };
}

/** Pages of two. The filter takes a name of which any word begins so, whatever the case. */
function listSecrets(secrets: Secrets, input: JsonInput): unknown {
  const [filter] = input['Filters'] as readonly {
    readonly Key: string;
    readonly Values: readonly string[];
  }[];
  const wanted = filter?.Values[0]?.toLowerCase() ?? '';
  const names = [...secrets.keys()].filter((name) => name.toLowerCase().includes(wanted));
  const from = Number(input['NextToken'] ?? 0);
  return {
    SecretList: names.slice(from, from + 2).map((name) => ({ Name: name, ARN: arnOf(name) })),
    ...(from + 2 < names.length ? { NextToken: String(from + 2) } : {}),
  };
}

function getValue(secrets: Secrets, input: JsonInput): unknown {
  const [name, secret] = living(secrets, input);
  const [id, version] = select(secret, input);
  return {
    ARN: arnOf(name),
    Name: name,
    VersionId: id,
    SecretString: version.value,
    SecretBinary: version.binary,
    VersionStages: [...version.labels],
  };
}

const writing =
  (secrets: Secrets, write: (secret: StoredSecret, input: JsonInput) => void) =>
  (input: JsonInput): unknown => {
    const [name, secret] = living(secrets, input);
    write(secret, input);
    return { ARN: arnOf(name), Name: name, VersionId: input['ClientRequestToken'] };
  };

/** DescribeSecret lists versions that carry a label, and no others. */
const labelsOf = ({ versions }: StoredSecret): Record<string, readonly string[]> =>
  Object.fromEntries(
    [...versions].filter(([, { labels }]) => labels.size > 0).map(([id, { labels }]) => [id, [...labels]]),
  );

function select({ versions }: StoredSecret, input: JsonInput): [string, Version] {
  const id = input['VersionId'] as string | undefined;
  const label =
    (input['VersionStage'] as string | undefined) ?? (id === undefined ? 'AWSCURRENT' : undefined);
  const found = [...versions].find(
    ([each, version]) =>
      (id === undefined || each === id) && (label === undefined || version.labels.has(label)),
  );
  if (found?.[1].value === undefined && found?.[1].binary === undefined)
    throw notFound(
      id === undefined
        ? `Secrets Manager can't find the specified secret value for staging label: ${label}`
        : `Secrets Manager can't find the specified secret value for VersionId: ${id}`,
    );
  return found;
}

function putValue(secret: StoredSecret, input: JsonInput): void {
  const id = String(input['ClientRequestToken']);
  if (id.length < 32 || id.length > 64)
    throw new ServiceError('InvalidParameterException', 'ClientRequestToken must be 32-64 characters long.');
  const existing = secret.versions.get(id);
  if (existing?.value !== undefined && existing.value !== input['SecretString'])
    throw new ServiceError(
      'ResourceExistsException',
      "You can't modify an existing version, you can only add new versions.",
    );
  // The same value again: "the request is ignored", and so are its labels.
  if (existing?.value !== undefined) return;
  const asked = (input['VersionStages'] as readonly string[] | undefined) ?? ['AWSCURRENT'];
  // The first version of a secret is current, whatever was asked for.
  const labels = secret.versions.size === 0 ? new Set([...asked, 'AWSCURRENT']) : asked;
  const version: Version = existing ?? { createdAt: Date.now() / 1000, labels: new Set<string>() };
  version.value = String(input['SecretString']);
  secret.versions.set(id, version);
  for (const label of labels) moveLabel(secret, label, id);
}

/** Moving AWSCURRENT takes AWSPREVIOUS along to the version that lost it. */
function moveLabel({ versions }: StoredSecret, label: string, to: string): void {
  for (const [id, { labels }] of versions) {
    if (id === to || !labels.delete(label) || label !== 'AWSCURRENT') continue;
    for (const each of versions.values()) each.labels.delete('AWSPREVIOUS');
    labels.add('AWSPREVIOUS');
  }
  versions.get(to)?.labels.add(label);
}

function updateStage(secret: StoredSecret, input: JsonInput): void {
  const label = String(input['VersionStage']);
  const [to, from] = [input['MoveToVersionId'], input['RemoveFromVersionId']] as (string | undefined)[];
  const holder = [...secret.versions].find(([, { labels }]) => labels.has(label))?.[0];
  if (to !== undefined && !secret.versions.has(to))
    throw notFound(`Secrets Manager can't find the specified version ${to}`);
  if (holder !== from)
    throw new ServiceError(
      'InvalidParameterException',
      `The parameter RemoveFromVersionId is not right. Staging label ${label} is currently attached to version ${holder}.`,
    );
  if (to === undefined) secret.versions.get(from ?? '')?.labels.delete(label);
  else moveLabel(secret, label, to);
}

function rotate(secret: StoredSecret, input: JsonInput): void {
  const token = String(input['ClientRequestToken']);
  if (typeof input['RotationLambdaARN'] === 'string') secret.functionArn = input['RotationLambdaARN'];
  if (secret.functionArn === undefined)
    throw new ServiceError(
      'InvalidRequestException',
      'No Lambda rotation function ARN is associated with this secret.',
    );
  const stuck = [...secret.versions].some(
    ([id, { labels }]) => id !== token && labels.has('AWSPENDING') && !labels.has('AWSCURRENT'),
  );
  if (stuck)
    throw new ServiceError(
      'InvalidRequestException',
      "A previous rotation isn't complete. That rotation will be reattempted.",
    );
  secret.rotationEnabled = true;
  if (input['RotateImmediately'] === false) return;
  if (!secret.versions.has(token)) secret.versions.set(token, { labels: new Set() });
  moveLabel(secret, 'AWSPENDING', token);
}
