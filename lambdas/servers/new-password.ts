import type { RandomBytes } from '../core/ports/ids.ts';
import { Secret } from '../core/secret.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** 238 bits. */
const LENGTH = 40;

/** Beyond this a byte would favour the first letters of the alphabet. */
const FAIR = 256 - (256 % ALPHABET.length);

/**
 * A password of letters and digits alone: it needs no quoting in SQL, URLs, shells or connection strings, and
 * means the same before and after SASLprep.
 */
export function newPassword(randomBytes: RandomBytes): Secret {
  let password = '';
  while (password.length < LENGTH) {
    const fair = [...randomBytes(LENGTH)].filter((byte) => byte < FAIR);
    password += fair.map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
  }
  return new Secret(password.slice(0, LENGTH));
}
