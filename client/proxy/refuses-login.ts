import type { EgressRule } from '../../lambdas/core/access/access-inventory.ts';

/** How AWS names what is wrong with a credential, where it says so in a header. S3 says it in the body alone. */
const AWS_LOGIN =
  /^(ExpiredToken|InvalidClientTokenId|UnrecognizedClient|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignature|AuthFailure|InvalidToken)/;

/**
 * Whether a target refuses the credential, and not what is asked with it (RFC 9110 §15.5.2). A `403` elsewhere than at
 * AWS means that the credential was taken.
 */
export function refusesLogin(
  status: number | undefined,
  errorType: string | string[] | undefined,
  put: EgressRule['put'],
): boolean {
  if (status === 401) return true;
  const isAws = put.into === 'sigv4' && (status === 400 || status === 403);
  return isAws && typeof errorType === 'string' && AWS_LOGIN.test(errorType);
}
