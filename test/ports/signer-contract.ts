import { describe, expect, it } from 'vitest';
import { verifyEd25519 } from '../../embedded/signer/verify-ed25519.ts';
import type { Signer } from '../../lambdas/core/ports/signer.ts';
import { eachTime, type UnderTest } from './under-test.ts';

export interface SignerUnderTest extends UnderTest {
  readonly signer: Signer;
}

const text = 'lockstep audit head v1\norigin lockstep/test/audit\n';

/** The contract of `Signer`: Ed25519, pure, up to 4,096 bytes. */
export function describeSignerContract(name: string, make: () => Promise<SignerUnderTest>): void {
  describe(`${name} keeps the contract of a signer`, () => {
    const subject = eachTime(make);
    const sign = async (message: string): Promise<string> =>
      Buffer.from(await subject().signer.sign(new TextEncoder().encode(message))).toString('base64');

    it('signs so that its own public key verifies, and no other message does', async () => {
      const publicKey = await subject().signer.publicKey();
      expect(publicKey).toHaveLength(32);
      const verify = verifyEd25519(publicKey);
      const signature = await sign(text);
      expect(Buffer.from(signature, 'base64')).toHaveLength(64);
      expect(await verify(text, signature)).toBe(true);
      expect(await verify(`${text} `, signature)).toBe(false);
    });

    it('gives the same signature and the same key every time', async () => {
      expect(await sign(text)).toBe(await sign(text));
      expect(await subject().signer.publicKey()).toEqual(await subject().signer.publicKey());
    });

    it('signs 4,096 bytes and refuses one more', async () => {
      expect(await sign('x'.repeat(4096))).not.toBe('');
      await expect(sign('x'.repeat(4097))).rejects.toThrow(RangeError);
    });
  });
}
