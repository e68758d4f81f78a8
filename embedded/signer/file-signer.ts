import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { Signer } from '../../lambdas/core/ports/signer.ts';
import { readOrMakeKey, type KeyFile } from '../key-file/key-file.ts';

/** KMS signs no longer message with MessageType RAW; refused here too, so that it shows here first. */
const MAX_MESSAGE_BYTES = 4096;

/**
 * `Signer` on an Ed25519 key in a file: PKCS #8 PEM, mode 0600, made where there is none.
 *
 * Losing the file loses nothing but the right to go on: what was signed verifies under the public key that
 * verifiers have pinned. A new key must be announced to them.
 */
export class FileSigner implements Signer {
  readonly #key: KeyObject;

  /** Errors: `STORE_FORBIDDEN` no right to the file, or others have one; `STORE_DAMAGED` it holds no Ed25519 key. */
  constructor(path: string) {
    const file: KeyFile = { path, purpose: 'signs the audit' };
    this.#key = parseKey(path, readOrMakeKey(file, newKey));
  }

  async publicKey(): Promise<Uint8Array> {
    const { x = '' } = createPublicKey(this.#key).export({ format: 'jwk' });
    return new Uint8Array(Buffer.from(x, 'base64url'));
  }

  async sign(message: Uint8Array): Promise<Uint8Array> {
    if (message.length > MAX_MESSAGE_BYTES)
      throw new RangeError(`a message of ${message.length} bytes: at most ${MAX_MESSAGE_BYTES} are signed`);
    // No digest is named: Ed25519 hashes inside (RFC 8032, pure).
    return new Uint8Array(sign(null, message, this.#key));
  }
}

const newKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();

function parseKey(path: string, pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Not even a key; the parser's error would quote the file.
  }
  throw new LockstepError('STORE_DAMAGED', `${path} holds no Ed25519 key that signs the audit; restore it`);
}
