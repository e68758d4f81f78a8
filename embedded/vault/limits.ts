import { LockstepError } from '../../lambdas/core/errors.ts';
import type { Secret } from '../../lambdas/core/secret.ts';

/**
 * Refuses what Secrets Manager refuses: a token of fewer than 32 or more than 64 characters
 * (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html).
 */
export function demandToken(token: string): void {
  if (token.length >= 32 && token.length <= 64) return;
  throw new LockstepError(
    'MALFORMED_REQUEST',
    `a version's token has ${token.length} characters, expected 32 to 64`,
  );
}

/** Refuses an empty value and one beyond 65,536 bytes. */
export function demandValue(value: Secret): void {
  const bytes = Buffer.byteLength(value.reveal());
  if (bytes >= 1 && bytes <= 65_536) return;
  throw new LockstepError('VALUE_MALFORMED', `a secret value has ${bytes} bytes, expected 1 to 65536`);
}
