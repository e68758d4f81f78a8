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

/**
 * Calls with a value on one of their two ways. AWS quotes a parameter that it refuses, and `JSON.parse` quotes
 * an answer that it cannot read: neither error may become the `cause` of ours, because a runtime prints causes.
 */
const SPEAKS_OF_A_VALUE: ReadonlySet<string> = new Set(['read', 'put']);

/** A refusal that the labels do not explain, as they are shown: one of the two is older than the other. */
export const contradicted = (action: string, secretId: string, error: unknown): LockstepError =>
  new LockstepError(
    'VAULT_UNAVAILABLE',
    `${action} ${secretId}: Secrets Manager refused (${foreignName(error)}), and shows labels that do not say why; it may or may not have happened, try again`,
    { cause: error },
  );

/** Any other failure of a call, as the port names it. The message has the name of the SDK's error and no more. */
export function vaultError(action: string, secretId: string, error: unknown): LockstepError {
  const name = foreignName(error);
  const cause = SPEAKS_OF_A_VALUE.has(action) ? {} : { cause: error };
  if (name === 'ResourceNotFoundException')
    return new LockstepError(
      'UNKNOWN_CREDENTIAL',
      `${action}: the vault holds no secret ${secretId}; deploy the vault stack that declares it`,
    );
  if (REFUSALS.has(name))
    return new LockstepError(
      'VAULT_REFUSED',
      `${action} ${secretId}: Secrets Manager refused (${name}); look at the secret's policy, its key and whether it is scheduled for deletion`,
      cause,
    );
  const message = `${action} ${secretId}: no usable answer from Secrets Manager (${name}); it may or may not have happened, try again`;
  return new LockstepError('VAULT_UNAVAILABLE', message, {
    ...cause,
    ...(name === 'LimitExceededException' ? { retryAfterSeconds: VERSION_QUOTA_WAIT_SECONDS } : {}),
  });
}
