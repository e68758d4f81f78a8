import { describe, expect, it } from 'vitest';
import { Secret } from '../../../lambdas/core/secret.ts';
import { passwordVerifier } from '../../../lambdas/leasers/mysql/caching-sha2.ts';

const LETTERS = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const saltOf = (salt: string) => () => Uint8Array.from(Array.from(salt), (letter) => LETTERS.indexOf(letter));

describe('the verifier that MySQL keeps of a password', () => {
  // Logged in with, on a MySQL 9.7.4. The digest is that of crypt(3) with a longer salt.
  it('is the one by which a real server lets its password in', () => {
    const password = new Secret('secretpassword0123456789ABCDEFGHIJKLMNOP');
    const verifier = Buffer.from(
      passwordVerifier(password, saltOf('abcdefghij0123456789')).slice(2),
      'hex',
    ).toString();
    expect(verifier).toBe('$A$005$abcdefghij0123456789hVLJ9Q5J3guClfoV2Dadj55JNiL1s6WJ6wlmz/3Fav2');
  });

  it('is another one for every salt, and has no letter at which MySQL would stop', () => {
    const password = new Secret('x'.repeat(40));
    const bytes = (from: number) => (length: number) =>
      Uint8Array.from({ length }, (_, index) => (from + 37 * index) % 256);
    const [one, other] = [passwordVerifier(password, bytes(0)), passwordVerifier(password, bytes(100))];
    expect(one).not.toBe(other);
    for (const verifier of [one, other]) {
      expect(Buffer.from(verifier.slice(2), 'hex').toString('latin1')).toMatch(
        /^\$A\$005\$[./0-9A-Za-z]{20}[./0-9A-Za-z]{43}$/,
      );
    }
  });
});
