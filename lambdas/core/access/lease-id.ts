import type { RandomBytes } from '../ports/ids.ts';

/** Crockford's base 32: no letter that is taken for a digit or for another letter. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** 130 random bits: nobody guesses one, and PostgreSQL's 63 characters hold it with a prefix. */
const LENGTH = 26;

/** A new id of a lease: 26 characters of Crockford's base 32, lower case. */
export const newLeaseId = (randomBytes: RandomBytes): string =>
  // 256 is a multiple of 32: the low five bits of a random byte are as random as itself.
  Array.from(randomBytes(LENGTH), (byte) => ALPHABET[byte % 32] ?? '').join('');

/** Whether a text can be the id of a lease. */
export const isLeaseId = (text: string): boolean => /^[0-9a-hjkmnp-tv-z]{26}$/.test(text);
