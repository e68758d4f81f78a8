import { SignJWT } from 'jose';
import { Secret } from '../../core/secret.ts';
import { privateKeyIn } from './value.ts';

/** GitHub takes ten minutes at most, and clocks differ: it asks for the first of these itself. In seconds. */
const BEFORE_SECONDS = 60;
const AFTER_SECONDS = 120;

/**
 * A token by which the App speaks for itself
 * (https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app).
 * It can make tokens of every installation, so it is made for one request and is over soon. Throws `VALUE_MALFORMED`.
 */
export async function appToken(clientId: string, authority: Secret, now: Date): Promise<Secret> {
  const seconds = Math.floor(now.getTime() / 1000);
  const signed = await new SignJWT()
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
    .setIssuer(clientId)
    .setIssuedAt(seconds - BEFORE_SECONDS)
    .setExpirationTime(seconds + AFTER_SECONDS)
    .sign(privateKeyIn(authority));
  return new Secret(signed);
}
