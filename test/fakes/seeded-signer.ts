import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import type { Signer } from '../../lambdas/core/ports/signer.ts';

/** What stands before the 32 bytes of an Ed25519 private key in PKCS #8 (RFC 8410, section 7). */
const PKCS8_PREFIX = '302e020100300506032b657004220420';

/** `Signer` with a key that follows from a text: never a real one. */
export function seededSigner(seed = 'not a real key'): Signer {
  const bytes = createHash('sha256').update(seed).digest();
  const der = Buffer.concat([Buffer.from(PKCS8_PREFIX, 'hex'), bytes]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  return {
    publicKey: async () => new Uint8Array(Buffer.from(x, 'base64url')),
    sign: async (message) => {
      if (message.length > 4096) throw new RangeError('a message of more than 4096 bytes');
      return new Uint8Array(sign(null, message, key));
    },
  };
}
