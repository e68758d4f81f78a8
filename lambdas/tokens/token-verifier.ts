import { errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import type { Issuer } from '../core/access/access-inventory.ts';
import { canonicalJson, sha256Hex } from '../core/digest.ts';
import { LockstepError } from '../core/errors.ts';
import type { TokenVerifier, VerifiedToken } from '../core/ports/token-verifier.ts';
import type { Secret } from '../core/secret.ts';
import { instant, type Clock } from '../core/time.ts';
import { KeyCache, type KeyCachePorts } from './key-cache.ts';
import { readParts, type TokenParts } from './token-parts.ts';

/** Whatever an inventory lists, nothing else is ever accepted: with a shared secret whoever checks could sign (RFC 8725 §3.1). */
const ASYMMETRIC: ReadonlySet<string> = new Set([
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
]);

/** However far an inventory lets clocks be apart. */
const LONGEST_SKEW_SECONDS = 120;

/** The longest subject that is taken: OpenID Connect Core 1.0 §2 allows 255, some issuers write more. */
const LONGEST_SUBJECT = 512;

/**
 * Verifies tokens with the keys that their issuers publish. Nothing that a token says chooses a key but `kid`, which is
 * compared and nothing else: `jku`, `x5u`, `jwk` and `x5c` are never followed (RFC 8725 §3.10).
 */
export function tokenVerifier(ports: KeyCachePorts): TokenVerifier {
  const caches = new Map<string, KeyCache>();
  const cacheOf = (issuer: Issuer): KeyCache => {
    // Entries of one issuer share its keys: they differ in what their tokens are for.
    const key = `${issuer.issuer}\n${issuer.jwksUrl ?? ''}`;
    const cache = caches.get(key) ?? new KeyCache(issuer, ports);
    caches.set(key, cache);
    return cache;
  };
  return {
    verify: async (token, issuers) => {
      const parts = readParts(token);
      const issuer = parts && issuerOf(parts, issuers);
      if (!parts || !issuer) throw nobody();
      const claims = await signedClaims(token, issuer, cacheOf(issuer), ports.clock);
      return verified(parts, issuer, claims, ports.clock);
    },
  };
}

/** One wording for everything that a stranger could ask about by trying. */
const nobody = (): LockstepError =>
  new LockstepError(
    'UNAUTHENTICATED',
    'the token proves nobody here: it has to be one signed token of a declared issuer, for the one audience that is declared ' +
      'with it, by a current key and a listed algorithm; docs/identity.md lists what is refused',
  );

const refused = (why: string): LockstepError => new LockstepError('UNAUTHENTICATED', why);

/** Issuer and audience together name one entry of the inventory, exactly. */
function issuerOf(
  { issuer, audience, algorithm }: TokenParts,
  issuers: readonly Issuer[],
): Issuer | undefined {
  const [found, ...others] = issuers.filter((each) => each.issuer === issuer && each.audience === audience);
  if (!found || others.length > 0) return undefined;
  return algorithmsOf(found).includes(algorithm) ? found : undefined;
}

const algorithmsOf = ({ algorithms }: Issuer): string[] => algorithms.filter((each) => ASYMMETRIC.has(each));

async function signedClaims(
  token: Secret,
  issuer: Issuer,
  cache: KeyCache,
  clock: Clock,
): Promise<JWTPayload> {
  const keys = await cache.current();
  try {
    return await claimsBy(keys, token, issuer, clock);
  } catch (error) {
    if (!(error instanceof errors.JWKSNoMatchingKey)) throw refusalOf(error);
  }
  const newest = await cache.newest();
  return claimsBy(newest, token, issuer, clock).catch((error: unknown) => Promise.reject(refusalOf(error)));
}

async function claimsBy(
  keys: JWTVerifyGetKey,
  token: Secret,
  declared: Issuer,
  clock: Clock,
): Promise<JWTPayload> {
  const { issuer, audience, clockSkewSeconds } = declared;
  const { payload } = await jwtVerify(token.reveal(), keys, {
    // All three have been compared already, to know whom to ask. Here they bind what was signed.
    algorithms: algorithmsOf(declared),
    issuer,
    audience,
    requiredClaims: ['sub', 'iat', 'exp'],
    clockTolerance: Math.min(clockSkewSeconds, LONGEST_SKEW_SECONDS),
    currentDate: clock(),
  });
  return payload;
}

/** Its times are told to whoever holds a token that its issuer signed for us; nothing else is told to anybody. */
function refusalOf(error: unknown): unknown {
  if (error instanceof errors.JWTExpired)
    return refused('the token has expired; ask its issuer for a new one');
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf')
    return refused('the token is not valid yet; compare the clock here with the one of its issuer');
  // WebCrypto throws the last one for a published key that is none.
  const isRefusal = [errors.JOSEError, TypeError, DOMException].some((known) => error instanceof known);
  return isRefusal ? nobody() : error;
}

function verified(parts: TokenParts, issuer: Issuer, claims: JWTPayload, clock: Clock): VerifiedToken {
  const { sub, iat = 0, exp = 0, jti } = claims;
  const now = clock().getTime() / 1000;
  // It becomes a name in the ledger, in policies and in the audit.
  if (typeof sub !== 'string' || !/^[\x20-\x7e]+$/.test(sub) || sub.length > LONGEST_SUBJECT) throw nobody();
  if (iat > now + Math.min(issuer.clockSkewSeconds, LONGEST_SKEW_SECONDS))
    throw refused('the token was issued in the future; compare the clock here with the one of its issuer');
  if (exp - iat > issuer.longestTokenSeconds)
    throw refused(
      `the token is valid for longer than the ${issuer.longestTokenSeconds} s that are allowed of its issuer; ask for a shorter one`,
    );
  const id = typeof jti === 'string' && jti !== '' ? canonicalJson([issuer.issuer, jti]) : parts.signed;
  return {
    issuer,
    subject: sub,
    id: sha256Hex(id),
    issuedAt: instant(new Date(iat * 1000)),
    expiresAt: instant(new Date(exp * 1000)),
    claims,
  };
}
