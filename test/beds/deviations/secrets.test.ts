import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { randomUUID } from 'node:crypto';
import { describe } from 'vitest';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { BED_ACCOUNT, BED_REGION } from '../launch/ministack.ts';
import { clientAt, uniqueName } from '../ports/bed-client.ts';
import { outcomeOf } from './outcome-of.ts';
import { itDeviates } from './it-deviates.ts';
import { deviation } from './table.ts';

const { ministack, moto } = bedAddresses();

/** One secret, with the calls that the probes make. */
class Secret {
  readonly name = uniqueName('probe');
  readonly #client: SecretsManagerClient;

  constructor(url: string) {
    this.#client = new SecretsManagerClient(clientAt(url));
  }

  /** Without a text: without a value. */
  async create(text?: string): Promise<void> {
    await this.#client.send(new CreateSecretCommand({ Name: this.name, SecretString: text }));
  }

  describe = () => this.#client.send(new DescribeSecretCommand({ SecretId: this.name }));

  versions = () => this.#client.send(new ListSecretVersionIdsCommand({ SecretId: this.name }));

  /** How many versions hold a label. */
  async holdersOf(label: string): Promise<number> {
    const { VersionIdsToStages: versions = {} } = await this.describe();
    return Object.values(versions).filter((labels) => labels.includes(label)).length;
  }

  async current(): Promise<string> {
    const { VersionIdsToStages: versions = {} } = await this.describe();
    return Object.keys(versions).find((version) => versions[version]?.includes('AWSCURRENT')) ?? '';
  }

  put = (version: string, text: string) =>
    this.#client.send(
      new PutSecretValueCommand({
        SecretId: this.name,
        ClientRequestToken: version,
        SecretString: text,
        VersionStages: ['AWSPENDING'],
      }),
    );

  move = (from: string, to: string) =>
    this.#client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: this.name,
        VersionStage: 'AWSCURRENT',
        RemoveFromVersionId: from,
        MoveToVersionId: to,
      }),
    );

  read = () => this.#client.send(new GetSecretValueCommand({ SecretId: this.name }));

  rotate = (version: string, functionArn?: string) =>
    this.#client.send(
      new RotateSecretCommand({
        SecretId: this.name,
        ClientRequestToken: version,
        ...(functionArn && {
          RotationLambdaARN: functionArn,
          RotationRules: { AutomaticallyAfterDays: 90 },
        }),
      }),
    );

  allowNobody = () =>
    this.#client.send(
      new PutResourcePolicyCommand({
        SecretId: this.name,
        ResourcePolicy: JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Deny', Principal: '*', Action: 'secretsmanager:GetSecretValue', Resource: '*' },
          ],
        }),
      }),
    );
}

const aSecret = async (url: string, text?: string): Promise<Secret> => {
  const secret = new Secret(url);
  await secret.create(text);
  return secret;
};

async function overwrite(url: string): Promise<string> {
  const [secret, version] = [await aSecret(url, 'first'), randomUUID()];
  await secret.put(version, 'one');
  return outcomeOf(secret.put(version, 'another'));
}

async function readInSpiteOfDeny(url: string): Promise<string> {
  const secret = await aSecret(url, 'first');
  await secret.allowNobody();
  return outcomeOf(secret.read());
}

describe('versions of a secret', () => {
  const overwritten = { bed: 'done', aws: 'ResourceExistsException' };
  itDeviates(deviation('ministack-overwrites-a-version'), overwritten, () => overwrite(ministack));
  itDeviates(deviation('moto-overwrites-a-version'), overwritten, () => overwrite(moto));

  itDeviates(deviation('ministack-makes-an-empty-version'), { bed: 1, aws: 0 }, async () =>
    (await aSecret(ministack)).holdersOf('AWSCURRENT'),
  );

  itDeviates(
    deviation('ministack-reads-what-has-no-value'),
    { bed: 'done', aws: 'ResourceNotFoundException' },
    async () => outcomeOf((await aSecret(ministack)).read()),
  );

  itDeviates(deviation('ministack-first-pending-is-not-current'), { bed: 0, aws: 1 }, async () => {
    const [secret, version] = [await aSecret(ministack), randomUUID()];
    await secret.put(version, 'first');
    const { VersionIdsToStages: versions } = await secret.describe();
    return versions?.[version]?.filter((label) => label === 'AWSCURRENT').length ?? 0;
  });

  itDeviates(deviation('ministack-leaves-pending-on-two'), { bed: 2, aws: 1 }, async () => {
    const secret = await aSecret(ministack, 'first');
    await secret.put(randomUUID(), 'older');
    await secret.put(randomUUID(), 'newer');
    return secret.holdersOf('AWSPENDING');
  });

  itDeviates(deviation('ministack-repeats-a-put'), { bed: 0, aws: 1 }, async () => {
    const [secret, version] = [await aSecret(ministack, 'first'), randomUUID()];
    await secret.put(version, 'second');
    await secret.move(await secret.current(), version);
    await secret.put(version, 'second');
    return secret.holdersOf('AWSCURRENT');
  });

  itDeviates(deviation('moto-lists-what-has-no-label'), { bed: 3, aws: 2 }, async () => {
    const secret = await aSecret(moto, 'first');
    await secret.put(randomUUID(), 'older');
    await secret.put(randomUUID(), 'newer');
    return Object.keys((await secret.describe()).VersionIdsToStages ?? {}).length;
  });

  itDeviates(
    deviation('moto-breaks-on-versions-of-nothing'),
    { bed: false, aws: true },
    async () => (await outcomeOf(new Secret(moto).versions())) === 'ResourceNotFoundException',
  );

  itDeviates(deviation('moto-loses-current-in-a-refusal'), { bed: 0, aws: 1 }, async () => {
    const secret = await aSecret(moto, 'first');
    await outcomeOf(secret.move(await secret.current(), randomUUID()));
    return secret.holdersOf('AWSCURRENT');
  });
});

describe('starting a rotation', () => {
  const functionArn = `arn:aws:lambda:${BED_REGION}:${BED_ACCOUNT}:function:nobody`;

  itDeviates(
    deviation('ministack-says-rotation-is-off'),
    { bed: false, aws: undefined },
    async () => (await (await aSecret(ministack, 'first')).describe()).RotationEnabled,
  );

  itDeviates(deviation('ministack-rotates-by-itself'), { bed: true, aws: false }, async () => {
    const [secret, version] = [await aSecret(ministack, 'first'), randomUUID()];
    await secret.rotate(version, functionArn);
    return (await secret.current()) === version;
  });

  const configured = { bed: 'done', aws: 'InvalidRequestException' };
  const rotateUnconfigured = async (url: string): Promise<string> =>
    outcomeOf((await aSecret(url, 'first')).rotate(randomUUID()));
  itDeviates(deviation('ministack-rotates-without-a-function'), configured, () =>
    rotateUnconfigured(ministack),
  );
  itDeviates(deviation('moto-rotates-without-a-function'), configured, () => rotateUnconfigured(moto));

  itDeviates(
    deviation('ministack-rotates-beside-a-pending'),
    { bed: 'done', aws: 'InvalidRequestException' },
    async () => {
      const secret = await aSecret(ministack, 'first');
      await secret.put(randomUUID(), 'stuck');
      return outcomeOf(secret.rotate(randomUUID(), functionArn));
    },
  );
});

describe('who may read', () => {
  const denied = { bed: 'done', aws: 'AccessDeniedException' };
  itDeviates(deviation('ministack-judges-no-policy'), denied, () => readInSpiteOfDeny(ministack));
  itDeviates(deviation('moto-judges-no-policy'), denied, () => readInSpiteOfDeny(moto));
});
