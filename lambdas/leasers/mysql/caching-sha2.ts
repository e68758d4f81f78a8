import { hash } from 'node:crypto';
import type { RandomBytes } from '../../core/ports/ids.ts';
import type { Secret } from '../../core/secret.ts';

/** MySQL's own number, in thousands. Our passwords carry more than 230 bits: more would protect nothing. */
const ROUNDS = 5000;

/** Letters of a salt, and of the digest: those of crypt(3). None of them is a `$` or a zero, at which MySQL would stop. */
const LETTERS = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SALT_LENGTH = 20;

/**
 * What MySQL stores in place of a password (`caching_sha2_password`), as a hexadecimal literal: it lets the server check
 * the password, and lets nobody log in. Sent instead of the password, so neither a log of the server's nor a proxy on the
 * way ever sees one (https://dev.mysql.com/doc/refman/8.4/en/create-user.html, `AS 'auth_string'`).
 */
export function passwordVerifier(password: Secret, randomBytes: RandomBytes): string {
  const salt = [...randomBytes(SALT_LENGTH)].map((byte) => LETTERS.charAt(byte % LETTERS.length)).join('');
  const digest = sha256Crypt(Buffer.from(password.reveal()), Buffer.from(salt));
  return `0x${Buffer.from(`$A$005$${salt}${digest}`).toString('hex')}`;
}

/** SHA-256 crypt (https://www.akkadia.org/drepper/SHA-crypt.txt), which MySQL takes over with a longer salt. */
function sha256Crypt(password: Buffer, salt: Buffer): string {
  const p = repeated(sha256(...Array.from(password, () => password)), password.length);
  let digest = firstDigest(password, salt);
  const s = repeated(sha256(...Array.from({ length: 16 + (digest[0] ?? 0) }, () => salt)), salt.length);
  for (let round = 0; round < ROUNDS; round += 1) {
    const isOdd = round % 2 === 1;
    const middle = [...(round % 3 === 0 ? [] : [s]), ...(round % 7 === 0 ? [] : [p])];
    digest = sha256(isOdd ? p : digest, ...middle, isOdd ? digest : p);
  }
  return encoded(digest);
}

function firstDigest(password: Buffer, salt: Buffer): Buffer {
  const other = sha256(password, salt, password);
  const parts = [password, salt, repeated(other, password.length)];
  for (let bits = password.length; bits > 0; bits >>= 1) parts.push(bits % 2 === 1 ? other : password);
  return sha256(...parts);
}

const sha256 = (...parts: readonly Buffer[]): Buffer => hash('sha256', Buffer.concat(parts), 'buffer');

const repeated = (bytes: Buffer, length: number): Buffer => {
  const times = Math.ceil(length / bytes.length);
  return Buffer.concat(Array.from({ length: times }, () => bytes)).subarray(0, length);
};

/** Three bytes at a time, in the order of crypt(3), the lowest six bits first. */
function encoded(digest: Buffer): string {
  const at = (index: number): number => digest[index] ?? 0;
  let [text, high, middle, low] = ['', 0, 10, 20];
  for (let group = 0; group < 10; group += 1) {
    text += sixBits((at(high) << 16) | (at(middle) << 8) | at(low), 4);
    [high, middle, low] = [low + 1, high + 1, middle + 1];
  }
  return text + sixBits((at(31) << 8) | at(30), 3);
}

const sixBits = (value: number, letters: number): string =>
  Array.from({ length: letters }, (_, index) => LETTERS.charAt((value >> (6 * index)) & 63)).join('');
