import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import type { VerifySignature } from '../core/audit/verify.ts';
import type { Signer } from '../core/ports/signer.ts';

/** What stands before the 32 bytes of an Ed25519 key in its SubjectPublicKeyInfo (RFC 8410, section 4). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** Verifies under a signer's own public key: the key that this deployment is pinned to, never one that lies beside what is verified. */
export function verifierOf(signer: Pick<Signer, 'publicKey'>): VerifySignature {
  return async (message, signatureBase64) => {
    const key = ed25519PublicKey(await signer.publicKey());
    return verify(null, Buffer.from(message, 'utf8'), key, Buffer.from(signatureBase64, 'base64'));
  };
}

/** A raw 32-byte Ed25519 public key as Node takes it. */
export const ed25519PublicKey = (raw: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
