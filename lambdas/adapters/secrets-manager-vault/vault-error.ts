import { foreignName, LockstepError } from '../../core/errors.ts';

/** What Secrets Manager says when the same call will go on failing until a person changes something. */
const REFUSALS: ReadonlySet<string> = new Set([
  'AccessDeniedException',
  'DecryptionFailure',
  'EncryptionFailure',
  'InvalidParameterException',
  'InvalidRequestException',
  'PreconditionNotMetException',
  'ValidationException',
]);

/**
 * More than one new version every ten minutes, sustained, fills the hundred that are kept for a day
 * (https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html).
 */
const VERSION_QUOTA_WAIT_SECONDS = 600;

/** Any other failure of a call, as the port names it. Of the SDK's error only the name is kept. */
export function vaultError(action: string, secretId: string, error: unknown): LockstepError {
  const name = foreignName(error);
  if (name === 'ResourceNotFoundException')
    return new LockstepError(
      'UNKNOWN_CREDENTIAL',
      `${action}: the vault holds no secret ${secretId}; deploy the vault stack that declares it`,
    );
  if (REFUSALS.has(name))
    return new LockstepError(
      'VAULT_REFUSED',
      `${action} ${secretId}: Secrets Manager refused (${name}); look at the secret's policy, its key and whether it is scheduled for deletion`,
      { cause: error },
    );
  const message = `${action} ${secretId}: no usable answer from Secrets Manager (${name}); it may or may not have happened, try again`;
  return new LockstepError('VAULT_UNAVAILABLE', message, {
    cause: error,
    ...(name === 'LimitExceededException' ? { retryAfterSeconds: VERSION_QUOTA_WAIT_SECONDS } : {}),
  });
}
