import { createCipheriv, createDecipheriv } from 'node:crypto';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { RandomBytes } from '../../lambdas/core/ports/ids.ts';
import { Secret } from '../../lambdas/core/secret.ts';

/** A value as it lies in the file: ciphertext and tag, and the nonce they were made under. */
export interface Sealed {
  readonly nonce: Uint8Array;
  readonly sealed: Uint8Array;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals values with AES-256-GCM (NIST SP 800-38D) under one key.
 *
 * The place a value belongs to is bound as associated data: a sealed value that is moved to another
 * credential, or to another version of its own, does not open. Nonces are random; the file refuses a
 * repeated one. Not protected: who can write the file can still bring back a whole older file, or move labels.
 */
export class Sealer {
  readonly #key: Uint8Array;
  readonly #randomBytes: RandomBytes;

  constructor(key: Uint8Array, randomBytes: RandomBytes) {
    this.#key = key;
    this.#randomBytes = randomBytes;
  }

  seal(value: Secret, place: readonly string[]): Sealed {
    const nonce = this.#randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(placeBytes(place));
    const sealed = Buffer.concat([
      cipher.update(value.reveal(), 'utf8'),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    return { nonce, sealed };
  }

  /** Errors: `VAULT_DAMAGED` a wrong key, a changed value, or a value that belongs somewhere else. */
  open({ nonce, sealed }: Sealed, place: readonly string[]): Secret {
    try {
      const cut = sealed.length - TAG_BYTES;
      const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(placeBytes(place));
      decipher.setAuthTag(sealed.subarray(cut));
      const plain = Buffer.concat([decipher.update(sealed.subarray(0, cut)), decipher.final()]);
      return new Secret(plain.toString('utf8'));
    } catch (error) {
      throw new LockstepError(
        'VAULT_DAMAGED',
        `the sealed value of ${place.join(' ')} does not open: it was changed or moved, or the vault's key is another one. Nothing was overwritten; restore the vault's file and its key together`,
        { cause: error },
      );
    }
  }
}

/** A length before each part, so that no two places share their bytes. */
const placeBytes = (place: readonly string[]): Uint8Array =>
  Buffer.from(['lockstep vault v1', ...place].map((part) => `${Buffer.byteLength(part)}:${part}`).join(''));
