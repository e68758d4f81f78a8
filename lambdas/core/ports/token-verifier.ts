import type { Issuer } from '../access/access-inventory.ts';
import type { Secret } from '../secret.ts';
import type { Instant } from '../time.ts';

/** What a token proved, once everything about it held. */
export interface VerifiedToken {
  /** Whose keys verified it, as the inventory has it. */
  readonly issuer: Issuer;
  readonly subject: string;
  /** `jti`, or the token's digest where it has none. */
  readonly id: string;
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
  readonly claims: Readonly<Record<string, unknown>>;
}

/**
 * Verifies a signed token of one of the issuers of the inventory: signature by a current key of that issuer, algorithm
 * of its list, issuer and audience exactly, times within the skew, no longer than allowed (RFC 7519, RFC 8725).
 *
 * Errors: `UNAUTHENTICATED`, with a text that tells its owner the rule and a stranger nothing; `ISSUER_UNREACHABLE`
 * where its keys cannot be fetched and none are cached: never a success.
 */
export interface TokenVerifier {
  verify(token: Secret, issuers: readonly Issuer[]): Promise<VerifiedToken>;
}
