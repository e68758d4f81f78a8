import type { Secret } from '../../lambdas/core/secret.ts';

/** Shorter ones would be found in ordinary text. */
const SHORTEST = 8;
const MASK = '*'.charCodeAt(0);
const NOTHING = Buffer.alloc(0);

/**
 * Replaces secrets in an answer by as many asterisks. A target has no reason to send a credential back; one that shows
 * what it was asked (an echo, an error that quotes) would show it to the agent. As long as before, so that lengths hold.
 *
 * A second net, not a wall: it sees what is written as it was sent, not what is compressed or encoded otherwise.
 *
 * Secrets that overlap, with each other or with themselves, are replaced whole: everything is found before anything is
 * replaced, also across the borders of chunks. So the end that is kept back is kept as it came.
 */
export class SecretMask {
  readonly #needles: readonly Buffer[];
  /** The end of what came, which may be the beginning of a secret. */
  #kept: Buffer = NOTHING;
  /** How much of it belongs to a secret that begins before it. */
  #covered = 0;

  constructor(secrets: readonly Secret[]) {
    this.#needles = secrets
      .map((secret) => Buffer.from(secret.reveal(), 'latin1'))
      .filter(({ length }) => length >= SHORTEST);
  }

  /** A text that is whole: the value of a header. */
  text(value: string): string {
    const bytes = Buffer.from(value, 'latin1');
    const found = this.#found(bytes);
    if (found.length === 0) return value;
    cover(bytes, found);
    return bytes.toString('latin1');
  }

  /**
   * The next chunk of a stream: what of it can go on. Only what may continue in the chunk after it is held back: a
   * stream of events must not wait for its own end. The chunk is changed, and belongs to the caller no more.
   */
  next(chunk: Buffer): Buffer {
    const bytes = this.#kept.length === 0 ? chunk : Buffer.concat([this.#kept, chunk]);
    const found = this.#found(bytes);
    const open = Math.max(0, ...this.#needles.map((needle) => openEnd(bytes, needle)));
    const sent = bytes.length - open;
    this.#kept = open === 0 ? NOTHING : Buffer.from(bytes.subarray(sent));
    cover(bytes, [[0, this.#covered], ...found]);
    // What begins in the end that is kept will be found there again.
    const begun = found.filter(([start]) => start < sent);
    this.#covered = Math.max(0, this.#covered - sent, ...begun.map(([, end]) => end - sent));
    return bytes.subarray(0, sent);
  }

  /** What was held back, once nothing comes any more. */
  rest(): Buffer {
    const bytes = this.#kept;
    cover(bytes, [[0, this.#covered], ...this.#found(bytes)]);
    this.#kept = NOTHING;
    this.#covered = 0;
    return bytes;
  }

  #found(bytes: Buffer): readonly Range[] {
    return this.#needles.flatMap((needle) => rangesOf(bytes, needle));
  }
}

type Range = readonly [start: number, end: number];

/** Where a needle lies. Places that touch are one: a needle of one character repeated would lie everywhere. */
function rangesOf(bytes: Buffer, needle: Buffer): readonly Range[] {
  const ranges: [number, number][] = [];
  for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + 1)) {
    const last = ranges.at(-1);
    if (last && at <= last[1]) last[1] = at + needle.length;
    else ranges.push([at, at + needle.length]);
  }
  return ranges;
}

function cover(bytes: Buffer, ranges: readonly Range[]): void {
  for (const [start, end] of ranges) bytes.fill(MASK, start, end);
}

/** How many bytes at the end may be the beginning of the needle. */
function openEnd(bytes: Buffer, needle: Buffer): number {
  const first = needle[0] ?? 0;
  const from = Math.max(0, bytes.length - needle.length + 1);
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1))
    if (bytes.compare(needle, 0, bytes.length - at, at) === 0) return bytes.length - at;
  return 0;
}
