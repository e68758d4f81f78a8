import { createHash } from 'node:crypto';
import type { NewId, RandomBytes } from '../../lambdas/core/ports/ids.ts';

/** Ids that count up in the shape of a UUID, so that a failing run reads the same the next time. */
export function countedIds(series = 0): NewId {
  let count = 0;
  return () => {
    count += 1;
    const head = series.toString(16).padStart(8, '0');
    return `${head}-0000-4000-8000-${count.toString(16).padStart(12, '0')}`;
  };
}

/** The n-th token of a test, in the shape of a UUID. */
export const token = (number: number): string =>
  `70ce0000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;

/** Bytes that look random, never repeat, and are the same in every run. */
export function countedBytes(seed = 'bytes'): RandomBytes {
  let count = 0;
  return (length) => {
    const blocks = Array.from({ length: Math.ceil(length / 32) }, () => {
      count += 1;
      return createHash('sha256').update(`${seed} ${count}`).digest();
    });
    return new Uint8Array(Buffer.concat(blocks).subarray(0, length));
  };
}

/** A number in [0, 1) after another, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
