import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { jsonDouble, ServiceError, type JsonDouble } from './json-double.ts';

/** KMS with one key. */
export interface KmsDouble extends JsonDouble {
  readonly publicKey: KeyObject;
  /** What it says is the key's public half; a test may lie. */
  spki: Buffer;
  /** What it gives for a signature, where a test wants another one. */
  signature: Buffer | undefined;
}

/** Starts one, with an Ed25519 key that signs as KMS does: pure, over the whole message. */
export async function kmsDouble(): Promise<KmsDouble> {
  const pair = generateKeyPairSync('ed25519');
  const answers: { spki: Buffer; signature: Buffer | undefined } = {
    spki: pair.publicKey.export({ format: 'der', type: 'spki' }),
    signature: undefined,
  };
  const double = await jsonDouble(
    { signedFor: 'kms', target: 'TrentService', version: '1.1' },
    {
      GetPublicKey: ({ KeyId }) => ({
        KeyId,
        KeySpec: 'ECC_NIST_EDWARDS25519',
        KeyUsage: 'SIGN_VERIFY',
        SigningAlgorithms: ['ED25519_SHA_512', 'ED25519_PH_SHA_512'],
        PublicKey: answers.spki.toString('base64'),
      }),
      Sign: ({ KeyId, Message, MessageType, SigningAlgorithm }) => {
        if (MessageType !== 'RAW' || SigningAlgorithm !== 'ED25519_SHA_512')
          throw new ServiceError('ValidationException', 'ED25519_SHA_512 takes a RAW message');
        const message = Buffer.from(String(Message), 'base64');
        if (message.length > 4096) throw new ServiceError('ValidationException', 'message is too long');
        const made = answers.signature ?? sign(null, message, pair.privateKey);
        return { KeyId, Signature: made.toString('base64'), SigningAlgorithm };
      },
    },
  );
  return {
    ...double,
    publicKey: pair.publicKey,
    get spki() {
      return answers.spki;
    },
    set spki(value: Buffer) {
      answers.spki = value;
    },
    get signature() {
      return answers.signature;
    },
    set signature(value: Buffer | undefined) {
      answers.signature = value;
    },
  };
}
