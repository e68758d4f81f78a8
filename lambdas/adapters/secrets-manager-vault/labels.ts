import { UpdateSecretVersionStageCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { foreignName, LockstepError } from '../../core/errors.ts';
import type { SecretDescription } from '../../core/ports/vault.ts';
import { contradicted, vaultError } from './vault-error.ts';

type Describe = (secretId: string) => Promise<SecretDescription>;

/** The names under which Secrets Manager refuses a label that is not where the caller said. */
const isAboutLabels = (error: unknown): boolean =>
  ['InvalidParameterException', 'InvalidRequestException', 'ResourceNotFoundException'].includes(
    foreignName(error),
  );

/** The SDK sent this request more than once: an earlier attempt may have had its effect. */
const wasRepeated = (error: unknown): boolean => {
  const metadata = (error as { readonly $metadata?: { readonly attempts?: number } }).$metadata;
  return (metadata?.attempts ?? 1) > 1;
};

/** Said of the secret as a whole (it is being deleted, another service manages it), whatever labels it has. */
const isAboutSecret = (error: unknown): boolean => foreignName(error) === 'InvalidRequestException';

/**
 * Moves AWSCURRENT by compare-and-swap. The refusal says too little, so the labels are read to name it. They may be shown
 * as they were before: labels that do not explain the refusal leave it unknown what happened, and whoever took it for
 * "nothing" would let go of a promotion that was made.
 */
export async function moveCurrent(
  client: SecretsManagerClient,
  describe: Describe,
  secretId: string,
  { to, from }: { readonly to: string; readonly from: string },
): Promise<void> {
  const request = new UpdateSecretVersionStageCommand({
    SecretId: secretId,
    VersionStage: 'AWSCURRENT',
    MoveToVersionId: to,
    RemoveFromVersionId: from,
  });
  await client.send(request).catch(async (error: unknown) => {
    const failure = vaultError('move AWSCURRENT of', secretId, error);
    if (!isAboutLabels(error)) throw failure;
    const { versions } = await describe(secretId);
    const holder = holderOf(versions, 'AWSCURRENT');
    // Our own first attempt, whose answer was lost: the move that was asked for has been made.
    if (holder === to && wasRepeated(error)) return;
    if (holder !== from)
      throw new LockstepError(
        'LABEL_CONFLICT',
        `AWSCURRENT of ${secretId} is on ${holder ?? 'no version'}, not on ${from}; read again and decide again`,
      );
    if (versions[to] === undefined && !wasRepeated(error))
      throw new LockstepError('UNKNOWN_VERSION', `${secretId} has no version ${to} to move AWSCURRENT to`);
    throw isAboutSecret(error) && !wasRepeated(error)
      ? failure
      : contradicted('move AWSCURRENT of', secretId, error);
  });
}

/** Takes AWSPENDING off a version. */
export async function removePending(
  client: SecretsManagerClient,
  describe: Describe,
  secretId: string,
  version: string,
): Promise<void> {
  const request = new UpdateSecretVersionStageCommand({
    SecretId: secretId,
    VersionStage: 'AWSPENDING',
    RemoveFromVersionId: version,
  });
  await client.send(request).catch(async (error: unknown) => {
    if (!isAboutLabels(error)) throw vaultError('remove AWSPENDING of', secretId, error);
    // Removing what is not there is refused; that is what was wanted, unless it is still there.
    const { versions } = await describe(secretId);
    if (!versions[version]?.includes('AWSPENDING')) return;
    throw isAboutSecret(error)
      ? vaultError('remove AWSPENDING of', secretId, error)
      : contradicted('remove AWSPENDING of', secretId, error);
  });
}

const holderOf = (versions: SecretDescription['versions'], label: string): string | undefined =>
  Object.entries(versions).find(([, labels]) => labels.includes(label))?.[0];
