import { RotateSecretCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { foreignName, LockstepError } from '../../core/errors.ts';
import type { RotationStart, SecretDescription } from '../../core/ports/vault.ts';
import { vaultError } from './vault-error.ts';

/** RotateSecret. It answers once the rotation is registered; the four steps run later. */
export async function startRotation(
  client: SecretsManagerClient,
  describe: (secretId: string) => Promise<SecretDescription>,
  secretId: string,
  { token, immediately, configure }: RotationStart,
): Promise<void> {
  const request = new RotateSecretCommand({
    SecretId: secretId,
    ClientRequestToken: token,
    // Always said: the default is to rotate at once, also when only the schedule was meant.
    RotateImmediately: immediately,
    ...(configure && {
      RotationLambdaARN: configure.functionArn,
      RotationRules: { AutomaticallyAfterDays: configure.everyDays },
    }),
  });
  await client.send(request).catch(async (error: unknown) => {
    const failure = vaultError('rotate', secretId, error);
    if (foreignName(error) !== 'InvalidRequestException') throw failure;
    const elsewhere = pendingElsewhere(await describe(secretId), token);
    if (elsewhere === undefined) throw failure;
    throw new LockstepError(
      'PENDING_ELSEWHERE',
      `${secretId} cannot start rotation ${token}: version ${elsewhere} still holds AWSPENDING; reconcile finishes or strips it`,
    );
  });
}

/** AWSPENDING may stay on the version that became AWSCURRENT; anywhere else it blocks (facts of the API, not ours). */
function pendingElsewhere({ versions }: SecretDescription, token: string): string | undefined {
  const found = Object.entries(versions).find(
    ([version, labels]) =>
      version !== token && labels.includes('AWSPENDING') && !labels.includes('AWSCURRENT'),
  );
  return found?.[0];
}
