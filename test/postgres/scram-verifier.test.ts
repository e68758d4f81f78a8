import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../lambdas/core/secret.ts';
import { scramVerifier } from '../../lambdas/postgres/scram-verifier.ts';

describe('a SCRAM verifier', () => {
  // RFC 7677, section 3: the exchange of user "user" with password "pencil"
  const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
  const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
  const authMessage = [
    'n=user,r=rOprNGfwEbeRWgbNEkqO',
    `r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`,
    `c=biws,r=${nonce}`,
  ].join(',');

  it('makes the server that holds it answer as RFC 7677 says, and recognise the client', async () => {
    const verifier = await scramVerifier(new Secret('pencil'), salt);
    const [, iterations, saltText, storedKey = '', serverKey = ''] =
      /^SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):(.+)$/.exec(verifier) ?? [];

    expect([iterations, saltText]).toEqual(['4096', 'W22ZaJ0SNY7soEsUEjb6gQ==']);
    const sign = (key: Buffer) => createHmac('sha256', key).update(authMessage).digest();
    expect(sign(Buffer.from(serverKey, 'base64')).toString('base64')).toBe(
      '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
    );

    // ClientProof XOR ClientSignature = ClientKey, whose hash is what the server stores
    const proof = Buffer.from('dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=', 'base64');
    const signature = sign(Buffer.from(storedKey, 'base64'));
    const clientKey = proof.map((byte, at) => byte ^ (signature[at] ?? 0));
    expect(createHash('sha256').update(clientKey).digest('base64')).toBe(storedKey);
  });

  it('differs by salt, and does not hold the password', async () => {
    const password = new Secret('fakePasswordOfATest');
    const [one, other] = [
      await scramVerifier(password, Buffer.alloc(16, 1)),
      await scramVerifier(password, Buffer.alloc(16, 2)),
    ];
    expect(one).not.toBe(other);
    expect(one).not.toContain('fakePassword');
    expect(one).toMatch(/^[A-Za-z0-9$:+/=-]+$/);
  });

  it.each(['with space', 'täglich', 'two\nlines', ''])(
    'is not made of %j, which SASLprep would change',
    async (text) => {
      await expect(scramVerifier(new Secret(text), salt)).rejects.toMatchObject({ code: 'VALUE_MALFORMED' });
    },
  );
});
