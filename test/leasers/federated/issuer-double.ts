import { generateKeyPairSync } from 'node:crypto';
import { createLocalJWKSet, exportJWK, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import { Secret } from '../../../lambdas/core/secret.ts';
import type { Clock } from '../../../lambdas/core/time.ts';

export const ISSUER = 'https://cluster.example/id/1';
export const AUDIENCE = 'lockstep-test';
export const SUBJECT = 'system:serviceaccount:ai:research-agent';

// Made once: the issuer that the services trust, and one that nobody does.
const [OURS, OTHERS] = [
  generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  generateKeyPairSync('ec', { namedCurve: 'P-256' }),
];

/** A token of a workload, as an issuer of its platform signs it. */
export async function holderTokenOf(
  clock: Clock,
  claims: JWTPayload = {},
  key: 'ours' | 'others' = 'ours',
): Promise<Secret> {
  const seconds = Math.floor(clock().getTime() / 1000);
  const payload = { iss: ISSUER, aud: AUDIENCE, sub: SUBJECT, iat: seconds, exp: seconds + 300, ...claims };
  const signed = await new SignJWT(payload)
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .sign((key === 'ours' ? OURS : OTHERS).privateKey);
  return new Secret(signed);
}

/** Whether a service that trusts the issuer, for this audience and this subject, takes a token. */
export const isTrusted = (token: string, now: Date): Promise<boolean> =>
  jwtVerify(token, OURS.publicKey, {
    algorithms: ['ES256'],
    issuer: ISSUER,
    audience: AUDIENCE,
    subject: SUBJECT,
    currentDate: now,
  }).then(
    () => true,
    () => false,
  );

/** The keys that the issuer publishes, as whoever verifies its tokens reads them. */
export const issuerKeys = async () =>
  createLocalJWKSet({ keys: [{ ...(await exportJWK(OURS.publicKey)), kid: 'one', alg: 'ES256' }] });
