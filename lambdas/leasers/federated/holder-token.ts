import { decodeJwt } from 'jose';
import { LockstepError } from '../../core/errors.ts';
import type { LeaseHolder } from '../../core/ports/leaser.ts';
import type { Secret } from '../../core/secret.ts';
import type { TokenToExchange } from './target.ts';

/**
 * The holder's own token, if it is one for this exchange. The broker has verified it by then and used it up; that it is
 * from the issuer, and for the audience, that the service trusts is looked at once more, because a token of another issuer
 * that the inventory knows would be shown to somebody whom it is not meant for.
 *
 * Throws `NOT_SUPPORTED` where there is none, or another; nothing of it is quoted.
 */
export function holderToken(
  leasable: string,
  { issuer, audience }: TokenToExchange,
  { proof }: LeaseHolder,
): Secret {
  if (!proof) {
    throw new LockstepError(
      'NOT_SUPPORTED',
      `leases of ${leasable} (federated) are given for the holder's own token, and this request showed none; ask with a token`,
    );
  }
  if (isOf(proof, issuer, audience)) return proof;
  throw new LockstepError(
    'NOT_SUPPORTED',
    `leases of ${leasable} (federated) are given for tokens of one issuer and for one audience, and this one has another; ` +
      'ask with a token of that issuer, made for that audience alone',
  );
}

function isOf(token: Secret, issuer: string, audience: string): boolean {
  try {
    const { iss, aud } = decodeJwt(token.reveal());
    const audiences = Array.isArray(aud) ? aud : [aud];
    return iss === issuer && audiences.length === 1 && audiences[0] === audience;
  } catch {
    return false;
  }
}
