import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Secret } from '../secret.ts';

/**
 * What the ledger keeps of a value that it never sees: 64 hex digits that whoever holds the value can make again, so
 * that a value which is found somewhere can be told to be that of a lease.
 *
 * `HMAC-SHA-256(HKDF-SHA-256(ikm = value, salt = 'lockstep-lease', info = lease id, 32 bytes), lease id)`. The key is
 * made from the value, so the digest of one lease says nothing about another, and a list of values that were guessed has
 * to be tried lease by lease.
 */
export function leaseDigest(value: Secret, leaseId: string): string {
  const info = utf8ToBytes(leaseId);
  const key = hkdf(sha256, utf8ToBytes(value.reveal()), utf8ToBytes('lockstep-lease'), info, 32);
  return bytesToHex(hmac(sha256, key, info));
}
