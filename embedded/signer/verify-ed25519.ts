import { createPublicKey, verify } from 'node:crypto';
import type { VerifySignature } from '../../lambdas/core/audit/verify.ts';

/** Verifies under one pinned public key, given as its raw 32 bytes (RFC 8032). */
export function verifyEd25519(publicKey: Uint8Array): VerifySignature {
  const x = Buffer.from(publicKey).toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return async (message, signature) =>
    verify(null, Buffer.from(message), key, Buffer.from(signature, 'base64'));
}
