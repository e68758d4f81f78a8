import { Transform, type TransformCallback } from 'node:stream';
import type { Secret } from '../../lambdas/core/secret.ts';

/** Shorter ones would be found in ordinary text. */
const SHORTEST = 8;
const MASK = '*'.charCodeAt(0);

/**
 * Replaces secrets in an answer by as many asterisks. A target has no reason to send a credential back; one that shows
 * what it was asked (an echo, an error that quotes) would show it to the agent. As long as before, so that lengths hold.
 *
 * A second net, not a wall: it sees what is written as it was sent, not what is compressed or encoded otherwise.
 */
export class MaskSecrets extends Transform {
  readonly #needles: readonly Buffer[];
  #kept: Buffer = Buffer.alloc(0);

  constructor(secrets: readonly Secret[]) {
    super();
    this.#needles = needlesOf(secrets);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const all = this.#kept.length === 0 ? chunk : Buffer.concat([this.#kept, chunk]);
    for (const needle of this.#needles) mask(all, needle);
    // Only what may go on into the next chunk is held back: a stream of events must not wait for its own end.
    const open = Math.max(0, ...this.#needles.map((needle) => openEnd(all, needle)));
    this.#kept = all.subarray(all.length - open);
    done(null, all.subarray(0, all.length - open));
  }

  override _flush(done: TransformCallback): void {
    done(null, this.#kept);
  }
}

/** The same for a header. */
export function maskText(text: string, secrets: readonly Secret[]): string {
  const bytes = Buffer.from(text, 'latin1');
  for (const needle of needlesOf(secrets)) mask(bytes, needle);
  return bytes.toString('latin1');
}

const needlesOf = (secrets: readonly Secret[]): readonly Buffer[] =>
  secrets.map((secret) => Buffer.from(secret.reveal(), 'latin1')).filter(({ length }) => length >= SHORTEST);

function mask(bytes: Buffer, needle: Buffer): void {
  for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at))
    bytes.fill(MASK, at, at + needle.length);
}

/** How many bytes at the end may be the beginning of the needle. */
function openEnd(bytes: Buffer, needle: Buffer): number {
  const first = needle[0] ?? 0;
  const from = Math.max(0, bytes.length - needle.length + 1);
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1))
    if (bytes.subarray(at).equals(needle.subarray(0, bytes.length - at))) return bytes.length - at;
  return 0;
}
