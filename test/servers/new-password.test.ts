import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { newPassword } from '../../lambdas/servers/new-password.ts';

describe('a new password', () => {
  it('is 40 letters and digits, whatever the random bytes are', () => {
    for (const byte of [0, 61, 62, 247]) {
      expect(newPassword((length) => new Uint8Array(length).fill(byte)).reveal()).toMatch(
        /^[A-Za-z0-9]{40}$/,
      );
    }
  });

  it('draws again instead of favouring letters', () => {
    // given a source whose first draw consists of bytes that would wrap around
    const draws = [new Uint8Array(40).fill(255), new Uint8Array(40).fill(248), new Uint8Array(40).fill(5)];
    let drawn = 0;
    const password = newPassword(() => draws[drawn++] ?? new Uint8Array(40));
    expect([password.reveal(), drawn]).toEqual(['F'.repeat(40), 3]);
  });

  it('uses every letter about equally often', () => {
    const counts = new Map<string, number>();
    // a stream that is the same in every run
    let block = 0;
    const stream = (length: number): Uint8Array => {
      block += 1;
      const bytes = Array.from({ length: Math.ceil(length / 32) }, (_, at) =>
        createHash('sha256').update(`${block} ${at}`).digest(),
      );
      return Buffer.concat(bytes).subarray(0, length);
    };
    for (let round = 0; round < 1550; round += 1) {
      for (const letter of newPassword(stream).reveal()) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
    expect(counts.size).toBe(62);
    expect(Math.min(...counts.values())).toBeGreaterThan(850);
    expect(Math.max(...counts.values())).toBeLessThan(1150);
  });

  it('is never the same twice', () => {
    const source = (length: number): Uint8Array => randomBytes(length);
    expect(newPassword(source).reveal()).not.toBe(newPassword(source).reveal());
  });
});
