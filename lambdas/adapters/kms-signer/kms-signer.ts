import { GetPublicKeyCommand, SignCommand, type KMSClient } from '@aws-sdk/client-kms';
import { foreignName, LockstepError } from '../../core/errors.ts';
import type { Signer } from '../../core/ports/signer.ts';

/** What the signer needs from outside. */
export interface KmsSignerOptions {
  readonly client: KMSClient;
  /** ARN of a key of spec ECC_NIST_EDWARDS25519 and usage SIGN_VERIFY. An alias could be moved to another key. */
  readonly keyId: string;
}

/**
 * What stands before the 32 bytes of an Ed25519 key in its SubjectPublicKeyInfo (RFC 8410, section 4): the
 * structure has no variable part.
 */
const SPKI_PREFIX = '302a300506032b6570032100';

const PUBLIC_KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** What KMS signs in one call with MessageType RAW. */
const MAX_MESSAGE_BYTES = 4096;

/** `Signer` on an Ed25519 key that never leaves KMS. Ed25519 is deterministic: a repeated sign gives the same bytes. */
export function kmsSigner({ client, keyId }: KmsSignerOptions): Signer {
  // A key's public half never changes, so it is fetched once per cold start. A failure is not kept.
  let known: Promise<Uint8Array> | undefined;
  return {
    publicKey() {
      known ??= fetchPublicKey(client, keyId).catch((error: unknown) => {
        known = undefined;
        throw error;
      });
      return known;
    },
    sign: (message) => sign(client, keyId, message),
  };
}

async function fetchPublicKey(client: KMSClient, keyId: string): Promise<Uint8Array> {
  const { PublicKey: spki } = await client
    .send(new GetPublicKeyCommand({ KeyId: keyId }))
    .catch((error: unknown) => Promise.reject(unavailable('fetch the public half of', keyId, error)));
  const bytes = Buffer.from(spki ?? []);
  const prefix = bytes.subarray(0, -PUBLIC_KEY_BYTES).toString('hex');
  if (prefix !== SPKI_PREFIX)
    throw new LockstepError(
      'AUDIT_BROKEN',
      `key ${keyId} is not an Ed25519 key; the audit is signed with ECC_NIST_EDWARDS25519 only`,
    );
  return new Uint8Array(bytes.subarray(-PUBLIC_KEY_BYTES));
}

async function sign(client: KMSClient, keyId: string, message: Uint8Array): Promise<Uint8Array> {
  if (message.length > MAX_MESSAGE_BYTES)
    throw new RangeError(`a message of ${message.length} bytes: KMS signs at most ${MAX_MESSAGE_BYTES}`);
  const { Signature: signature } = await client
    .send(
      new SignCommand({
        KeyId: keyId,
        Message: message,
        // RAW: KMS hashes inside Ed25519. A digest would make another signature (Ed25519ph).
        MessageType: 'RAW',
        SigningAlgorithm: 'ED25519_SHA_512',
      }),
    )
    .catch((error: unknown) => Promise.reject(unavailable('sign with', keyId, error)));
  if (signature?.length !== SIGNATURE_BYTES)
    throw new LockstepError(
      'AUDIT_BROKEN',
      `key ${keyId} gave a signature of ${signature?.length ?? 0} bytes, an Ed25519 signature has ${SIGNATURE_BYTES}`,
    );
  return new Uint8Array(signature);
}

const unavailable = (action: string, keyId: string, error: unknown): LockstepError =>
  new LockstepError(
    'AUDIT_UNAVAILABLE',
    `could not ${action} key ${keyId} (${foreignName(error)}); try again`,
    {
      cause: error,
    },
  );
