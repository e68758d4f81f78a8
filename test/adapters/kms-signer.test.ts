import { KMSClient } from '@aws-sdk/client-kms';
import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kmsSigner } from '../../lambdas/adapters/kms-signer/kms-signer.ts';
import type { Signer } from '../../lambdas/core/ports/signer.ts';
import { clientOf } from './doubles/http-double.ts';
import { jsonDouble, ServiceError, type JsonDouble } from './doubles/json-double.ts';

const KEY = 'arn:aws:kms:us-east-1:111122223333:key/00000000-0000-4000-8000-000000000000';
const pair = generateKeyPairSync('ed25519');

let aws: JsonDouble;
let signer: Signer;
let spki: Buffer;
let signature: ((message: Buffer) => Buffer) | undefined;

beforeEach(async () => {
  spki = pair.publicKey.export({ format: 'der', type: 'spki' });
  signature = undefined;
  aws = await jsonDouble(
    { signedFor: 'kms', target: 'TrentService', version: '1.1' },
    {
      GetPublicKey: ({ KeyId }) => ({
        KeyId,
        KeySpec: 'ECC_NIST_EDWARDS25519',
        KeyUsage: 'SIGN_VERIFY',
        SigningAlgorithms: ['ED25519_SHA_512', 'ED25519_PH_SHA_512'],
        PublicKey: spki.toString('base64'),
      }),
      Sign: ({ KeyId, Message, MessageType, SigningAlgorithm }) => {
        if (MessageType !== 'RAW' || SigningAlgorithm !== 'ED25519_SHA_512')
          throw new ServiceError('ValidationException', 'ED25519_SHA_512 takes a RAW message');
        const message = Buffer.from(String(Message), 'base64');
        if (message.length > 4096) throw new ServiceError('ValidationException', 'message is too long');
        const made = signature ? signature(message) : sign(null, message, pair.privateKey);
        return { KeyId, Signature: made.toString('base64'), SigningAlgorithm };
      },
    },
  );
  signer = kmsSigner({ client: new KMSClient(clientOf(aws)), keyId: KEY });
});
afterEach(() => aws.close());

describe('signing', () => {
  it('signs as Ed25519 over the message itself: anybody can verify it with the raw public key', async () => {
    const message = new TextEncoder().encode('lockstep audit head v1\n');
    const [made, raw] = [await signer.sign(message), await signer.publicKey()];
    expect(made).toHaveLength(64);
    const key = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(raw).toString('base64url') },
      format: 'jwk',
    });
    expect(verify(null, message, key, made)).toBe(true);
    expect(aws.inputs('Sign')[0]?.['KeyId']).toBe(KEY);
  });

  it('refuses what KMS would refuse, before sending it', async () => {
    await expect(signer.sign(new Uint8Array(4097))).rejects.toThrow(RangeError);
    expect(aws.calls).toEqual([]);
    await signer.sign(new Uint8Array(4096));
  });

  it('does not pass on what is no Ed25519 signature', async () => {
    signature = () => Buffer.alloc(70);
    await expect(signer.sign(new Uint8Array(1))).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
  });

  it('says AUDIT_UNAVAILABLE when KMS is throttled for too long', async () => {
    for (let time = 0; time < 3; time += 1)
      aws.fail('Sign', new ServiceError('ThrottlingException', 'Rate exceeded'));
    await expect(signer.sign(new Uint8Array(1))).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
  });
});

describe('the public key', () => {
  it('is the raw 32 bytes, fetched once', async () => {
    const [first, second] = await Promise.all([signer.publicKey(), signer.publicKey()]);
    expect(Buffer.from(first).toString('base64url')).toBe(pair.publicKey.export({ format: 'jwk' })['x']);
    expect(second).toEqual(first);
    await signer.publicKey();
    expect(aws.inputs('GetPublicKey')).toHaveLength(1);
  });

  it('is fetched again after a failure', async () => {
    aws.fail('GetPublicKey', new ServiceError('AccessDeniedException', 'not authorized'));
    await expect(signer.publicKey()).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    expect(await signer.publicKey()).toHaveLength(32);
  });

  it.each([
    [
      'of another kind',
      () =>
        generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'der', type: 'spki' }),
    ],
    [
      'of a sister curve',
      () => generateKeyPairSync('x25519').publicKey.export({ format: 'der', type: 'spki' }),
    ],
    ['that is cut short', () => spki.subarray(0, 40)],
    ['that is empty', () => Buffer.alloc(0)],
  ])('is refused where it is a key %s', async (_what, key) => {
    spki = key();
    await expect(signer.publicKey()).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
  });
});
