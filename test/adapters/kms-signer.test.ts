import { KMSClient } from '@aws-sdk/client-kms';
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kmsSigner } from '../../lambdas/adapters/kms-signer/kms-signer.ts';
import type { Signer } from '../../lambdas/core/ports/signer.ts';
import { clientOf } from './doubles/http-double.ts';
import { ServiceError } from './doubles/json-double.ts';
import { kmsDouble, type KmsDouble } from './doubles/kms.ts';

const KEY = 'arn:aws:kms:us-east-1:111122223333:key/00000000-0000-4000-8000-000000000000';

let aws: KmsDouble;
let signer: Signer;

beforeEach(async () => {
  aws = await kmsDouble();
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
    aws.signature = Buffer.alloc(70);
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
    expect(Buffer.from(first).toString('base64url')).toBe(aws.publicKey.export({ format: 'jwk' })['x']);
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
    ['that is cut short', () => aws.spki.subarray(0, 40)],
    ['that is empty', () => Buffer.alloc(0)],
  ])('is refused where it is a key %s', async (_what, key) => {
    aws.spki = key();
    await expect(signer.publicKey()).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
  });
});
