import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  acknowledgementTag,
  sameDigest,
  tagDigest,
  type TagSubject,
} from '../../../lambdas/core/adoption/acknowledgement-tag.ts';
import { Secret } from '../../../lambdas/core/secret.ts';

/** The published vectors; made with another implementation of HMAC than ours, so agreeing with them means something. */
interface Vectors {
  readonly tags: readonly (TagSubject & {
    readonly name: string;
    readonly value: string;
    readonly tag: string;
    readonly tagDigest: string;
  })[];
  readonly refused: readonly { readonly mistake: string; readonly tag: string }[];
}

const { tags, refused } = JSON.parse(
  readFileSync(new URL('../../vectors/acknowledgement/tags.json', import.meta.url), 'utf8'),
) as Vectors;

describe('acknowledgement tags', () => {
  it.each(tags)('$name', ({ value, tag, tagDigest: digest, ...subject }) => {
    expect(acknowledgementTag(new Secret(value), subject)).toBe(tag);
    expect(tagDigest(tag)).toBe(digest);
  });

  it('differ for every subject', () => {
    expect(new Set(tags.map(({ tag }) => tag)).size).toBe(tags.length);
  });

  it.each(refused)('are not $mistake', ({ tag }) => {
    expect(sameDigest(tagDigest(tag), tags[0]?.tagDigest ?? '')).toBe(false);
  });

  it.each(['credential', 'version', 'rotation', 'dependent', 'nonce'] as const)(
    'are not made where the %s holds the byte that joins names',
    (part) => {
      const [vector] = tags;
      if (!vector) throw new Error('there is no vector');
      const subject = { ...vector, [part]: `${vector[part]}\u0000x` };
      expect(() => acknowledgementTag(new Secret(vector.value), subject)).toThrow(RangeError);
    },
  );
});
