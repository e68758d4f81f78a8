import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { sha256Hex } from '../digest.ts';
import type { Secret } from '../secret.ts';

/** What a tag speaks of. */
export interface TagSubject {
  readonly credential: string;
  readonly version: string;
  readonly rotation: string;
  readonly dependent: string;
  readonly nonce: string;
}

/** Names are joined by a byte that none of them can hold, so no two subjects share a text. */
const SEPARATOR = '\u0000';
const join = (...parts: readonly string[]): Uint8Array => {
  if (parts.some((part) => part.includes(SEPARATOR)))
    throw new RangeError('a name with a NUL character cannot be tagged');
  return utf8ToBytes(parts.join(SEPARATOR));
};

/**
 * The proof that whoever made it holds the value of that version: 64 hex digits.
 *
 * `HMAC-SHA-256(HKDF-SHA-256(ikm = value, salt = 'lockstep-ack', info = credential NUL version, 32 bytes),
 * rotation NUL dependent NUL nonce)`. HKDF is RFC 5869. The value is the secret string exactly as the
 * vault returned it, in UTF-8. docs/formats/acknowledgement.md has vectors for other languages.
 */
export function acknowledgementTag(value: Secret, subject: TagSubject): string {
  const info = join(subject.credential, subject.version);
  const key = hkdf(sha256, utf8ToBytes(value.reveal()), utf8ToBytes('lockstep-ack'), info, 32);
  return bytesToHex(hmac(sha256, key, join(subject.rotation, subject.dependent, subject.nonce)));
}

/** What the ledger keeps of a tag: enough to recognise it, useless to forge it. */
export const tagDigest = (tag: string): string => sha256Hex(tag);

/** Compares two digests of one length in constant time. */
export function sameDigest(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let at = 0; at < a.length; at += 1) difference |= a.charCodeAt(at) ^ (b.charCodeAt(at) || 0);
  return difference === 0;
}
