import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  paginateListSecretVersionIds,
  PutSecretValueCommand,
  type GetSecretValueCommandOutput,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { foreignName, isLockstepError, LockstepError } from '../../core/errors.ts';
import type {
  SecretDescription,
  SecretVersion,
  Vault,
  VersionSelector,
  VersionSummary,
} from '../../core/ports/vault.ts';
import { Secret } from '../../core/secret.ts';
import { instant } from '../../core/time.ts';
import { moveCurrent, removePending } from './labels.ts';
import { startRotation } from './start-rotation.ts';
import { vaultError } from './vault-error.ts';

/** `Vault` on AWS Secrets Manager. */
export function secretsManagerVault(client: SecretsManagerClient): Vault {
  const describe = (secretId: string): Promise<SecretDescription> => describeSecret(client, secretId);
  return {
    describe,
    listVersions: (secretId) => listVersions(client, secretId),
    read: (secretId, selector = {}) => readVersion(client, secretId, selector),
    putPending: (secretId, token, value, rotationToken) =>
      putValue(client, { secretId, token, value, label: 'AWSPENDING', rotationToken }),
    putFirst: (secretId, token, value) =>
      putValue(client, { secretId, token, value, label: 'AWSCURRENT', rotationToken: undefined }),
    moveCurrent: (secretId, move) => moveCurrent(client, describe, secretId, move),
    removePending: (secretId, version) => removePending(client, describe, secretId, version),
    startRotation: (secretId, start) => startRotation(client, describe, secretId, start),
  };
}

async function describeSecret(client: SecretsManagerClient, secretId: string): Promise<SecretDescription> {
  const answer = await client
    .send(new DescribeSecretCommand({ SecretId: secretId }))
    .catch((error: unknown) => Promise.reject(vaultError('describe', secretId, error)));
  return {
    arn: answer.ARN ?? '',
    name: answer.Name ?? '',
    rotationEnabled: answer.RotationEnabled,
    versions: answer.VersionIdsToStages ?? {},
    replicaRegions: (answer.ReplicationStatus ?? []).flatMap(({ Region }) => Region ?? []),
  };
}

/** Versions without a label are left out unless they are asked for; where they come all the same, they are dropped here. */
async function listVersions(
  client: SecretsManagerClient,
  secretId: string,
): Promise<readonly VersionSummary[]> {
  const found: VersionSummary[] = [];
  try {
    for await (const page of paginateListSecretVersionIds({ client }, { SecretId: secretId })) {
      for (const { VersionId: version, VersionStages: labels = [], CreatedDate: at } of page.Versions ?? [])
        if (version !== undefined && labels.length > 0)
          found.push({ version, labels, ...(at === undefined ? {} : { createdAt: instant(at) }) });
    }
  } catch (error) {
    throw vaultError('list the versions of', secretId, error);
  }
  return found;
}

async function readVersion(
  client: SecretsManagerClient,
  secretId: string,
  { version, label }: VersionSelector,
): Promise<SecretVersion> {
  // A version and a label together are refused as a bad request where they do not match, which cannot be
  // told from a secret that is being deleted: ask for the version, and look at its labels here.
  const which = version === undefined ? { VersionStage: label ?? 'AWSCURRENT' } : { VersionId: version };
  const wanted = `version ${version ?? label ?? 'AWSCURRENT'}`;
  const answer = await client
    .send(new GetSecretValueCommand({ SecretId: secretId, ...which }))
    .catch(async (error: unknown) => Promise.reject(await readError(client, secretId, wanted, error)));

  const labels = answer.VersionStages ?? [];
  if (version !== undefined && label !== undefined && !labels.includes(label))
    throw new LockstepError('UNKNOWN_VERSION', `${wanted} of ${secretId} does not hold ${label}`);
  return { version: answer.VersionId ?? '', labels, value: valueOf(answer, secretId, wanted) };
}

function valueOf({ SecretString }: GetSecretValueCommandOutput, secretId: string, wanted: string): Secret {
  if (SecretString !== undefined) return new Secret(SecretString);
  throw new LockstepError(
    'VALUE_MALFORMED',
    `${wanted} of ${secretId} is binary; Lockstep keeps texts only, so put it again as a text`,
  );
}

/**
 * "Not found" is said of a secret, of a version, and of a version that has no value yet, which is normal
 * between RotateSecret and `createSecret`. Only the text tells them apart; where it does not, ask.
 */
async function readError(
  client: SecretsManagerClient,
  secretId: string,
  wanted: string,
  error: unknown,
): Promise<LockstepError> {
  const failure = vaultError('read', secretId, error);
  if (!isLockstepError(failure, 'UNKNOWN_CREDENTIAL')) return failure;
  const missing = new LockstepError(
    'UNKNOWN_VERSION',
    `${wanted} of ${secretId} does not exist or has no value`,
  );
  if (error instanceof Error && /secret value/i.test(error.message)) return missing;
  return describeSecret(client, secretId).then(
    () => missing,
    (second: unknown) => (isLockstepError(second) ? second : failure),
  );
}

interface Put {
  readonly secretId: string;
  readonly token: string;
  readonly value: Secret;
  readonly label: 'AWSPENDING' | 'AWSCURRENT';
  readonly rotationToken: string | undefined;
}

async function putValue(
  client: SecretsManagerClient,
  { secretId, token, value, label, rotationToken }: Put,
): Promise<void> {
  const request = new PutSecretValueCommand({
    SecretId: secretId,
    ClientRequestToken: token,
    SecretString: value.reveal(),
    // Without it AWSCURRENT would move at once: an untested cut-over.
    VersionStages: [label],
    ...(rotationToken === undefined ? {} : { RotationToken: rotationToken }),
  });
  await client.send(request).catch((error: unknown) => {
    // Said only of a version that holds another value: the same value again is a success.
    if (foreignName(error) === 'ResourceExistsException')
      throw new LockstepError(
        'VERSION_CONFLICT',
        `version ${token} of ${secretId} already holds another value; read it and adopt what is stored`,
      );
    throw vaultError('put', secretId, error);
  });
}
