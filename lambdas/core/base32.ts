/** Crockford's base 32, lower case: no letter that is taken for a digit or for another letter. Targets take all of them in names. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * A letter for each byte: its low five bits. 256 is a multiple of 32, so letters of random bytes are as random as those.
 */
export const lettersOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => ALPHABET[byte % 32] ?? '').join('');

/** Whether a text is so many of these letters, and nothing besides. */
export const areLetters = (text: string, length: number): boolean =>
  text.length === length && /^[0-9a-hjkmnp-tv-z]+$/.test(text);
