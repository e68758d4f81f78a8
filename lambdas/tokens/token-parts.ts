import { decodeJwt, decodeProtectedHeader } from 'jose';
import { MAX_TOKEN_LENGTH } from '../contracts/access-wire.ts';
import type { Secret } from '../core/secret.ts';

/** What a token says of itself. Nobody has vouched for any of it yet. */
export interface TokenParts {
  readonly algorithm: string;
  readonly issuer: string;
  readonly audience: string;
  /** Header and claims as they were signed. Unlike the whole token it cannot be written in a second way that verifies too. */
  readonly signed: string;
}

/** Kinds of JWT that say who somebody is. Others (a logout token, a proof of possession …) were signed to say something else (RFC 8725 §3.11). */
const TYPES: ReadonlySet<string> = new Set(['jwt', 'at+jwt', 'application/jwt', 'application/at+jwt']);

/** Three parts of base64url: a signed token. Five would be an encrypted one, whose sender nothing proves. */
const SIGNED = /^([\w-]+\.[\w-]+)\.[\w-]+$/;

/**
 * Reads a token far enough to know whom to ask about it; `undefined` where it is none that anybody here could accept:
 * too long, encrypted, wrapped around another, unsigned, of another kind, with extensions that have to be understood, or
 * for more than one audience (each of them could show it to the others).
 */
export function readParts(token: Secret): TokenParts | undefined {
  const text = token.reveal();
  // Before it is parsed: what is too long is not looked at.
  const signed = text.length > MAX_TOKEN_LENGTH ? undefined : SIGNED.exec(text)?.[1];
  if (signed === undefined) return undefined;
  try {
    const { alg, typ, cty, crit } = decodeProtectedHeader(text);
    const { iss, aud } = decodeJwt(text);
    const isPlain = cty === undefined && crit === undefined;
    const isOfUs = typ === undefined || (typeof typ === 'string' && TYPES.has(typ.toLowerCase()));
    const [audience, ...others] = typeof aud === 'string' ? [aud] : Array.isArray(aud) ? aud : [];
    if (!isPlain || !isOfUs || others.length > 0) return undefined;
    if (typeof alg !== 'string' || typeof iss !== 'string' || typeof audience !== 'string') return undefined;
    return { algorithm: alg, issuer: iss, audience, signed };
  } catch {
    // Not JSON, or no object: what it is instead is its sender's business.
    return undefined;
  }
}
