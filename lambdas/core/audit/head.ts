import { canonicalJson, sha256Hex } from '../digest.ts';
import type { Instant } from '../time.ts';
import type { ChainTail } from './record.ts';

/** A statement about all chains at one moment, numbered and chained to the head before it. */
export interface Head {
  /** `lockstep/<environment>/audit`: a head of one deployment proves nothing about another. */
  readonly origin: string;
  /** 1, 2, 3 … */
  readonly number: number;
  readonly at: Instant;
  /** SHA-256 of the text of the head before it, hex; 64 zeros for the first. */
  readonly previous: string;
  /** Every chain's last record, by chain name. */
  readonly tails: readonly ChainTail[];
}

/** A head, the exact text that was signed, and the signature over it. */
export interface SealedHead {
  readonly head: Head;
  /** Ed25519 over the UTF-8 bytes of `headText(head)`, base64. */
  readonly signature: string;
  /** The raw public key, base64. Informative: a verifier pins its own. */
  readonly publicKey: string;
}

/**
 * The text that is signed. Short enough for KMS however many chains there are (it signs at most 4,096
 * bytes), because the tails enter by their digest.
 */
export function headText(head: Head): string {
  const tails = [...head.tails].sort((a, b) => (a.chain < b.chain ? -1 : a.chain > b.chain ? 1 : 0));
  const records = tails.reduce((sum, { sequence }) => sum + sequence, 0);
  return [
    'lockstep audit head v1',
    `origin ${head.origin}`,
    `number ${head.number}`,
    `time ${head.at}`,
    `previous ${head.previous}`,
    `chains ${tails.length}`,
    `records ${records}`,
    `tails ${sha256Hex(canonicalJson(tails))}`,
    '',
  ].join('\n');
}

/** What the next head names as its `previous`. */
export const headDigest = (head: Head): string => sha256Hex(headText(head));
