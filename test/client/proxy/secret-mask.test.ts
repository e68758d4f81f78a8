import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SecretMask } from '../../../client/proxy/secret-mask.ts';
import { Secret } from '../../../lambdas/core/secret.ts';

const maskOf = (...secrets: readonly string[]): SecretMask =>
  new SecretMask(secrets.map((secret) => new Secret(secret)));

/** What goes on of each chunk, and what is left at the end. */
function passed(
  mask: SecretMask,
  chunks: readonly string[],
): { readonly sent: string[]; readonly rest: string } {
  const sent = chunks.map((chunk) => mask.next(Buffer.from(chunk, 'latin1')).toString('latin1'));
  return { sent, rest: mask.rest().toString('latin1') };
}

const whole = (mask: SecretMask, chunks: readonly string[]): string => {
  const { sent, rest } = passed(mask, chunks);
  return sent.join('') + rest;
};

/** The same by looking at each place of the whole text: every character that belongs to a secret is an asterisk. */
function plainly(text: string, secrets: readonly string[]): string {
  const isSecret = Array.from(text, () => false);
  for (const secret of secrets.filter(({ length }) => length >= 8))
    for (let at = 0; at + secret.length <= text.length; at += 1)
      if (text.startsWith(secret, at)) isSecret.fill(true, at, at + secret.length);
  return Array.from(text, (character, at) => (isSecret[at] ? '*' : character)).join('');
}

describe('a secret in an answer', () => {
  const SECRET = 'sk-0123456789';
  const TEXT = `a ${SECRET} b ${SECRET}${SECRET} c sk-012 d ${SECRET.slice(1)}`;
  const MASKED = plainly(TEXT, [SECRET]);

  it('is asterisks, wherever the text is cut in two', () => {
    for (let at = 0; at <= TEXT.length; at += 1)
      expect(whole(maskOf(SECRET), [TEXT.slice(0, at), TEXT.slice(at)])).toBe(MASKED);
  });

  it('is asterisks, wherever the text is cut in three, with nothing between the pieces', () => {
    for (let one = 0; one <= TEXT.length; one += 1)
      for (let two = one; two <= TEXT.length; two += 1)
        expect(
          whole(maskOf(SECRET), [TEXT.slice(0, one), '', TEXT.slice(one, two), '', TEXT.slice(two)]),
        ).toBe(MASKED);
  });

  it.each([
    ['that overlaps another', ['abcdefgh', 'efghijkl'], 'x abcdefghijkl y', 'x ************ y'],
    [
      'that is inside of another',
      ['abcdefgh12345678', 'efgh1234'],
      'efgh1234 abcdefgh12345678',
      '******** ****************',
    ],
    [
      'that begins another',
      ['abcdefgh', 'abcdefghijkl'],
      'abcdefghijk abcdefghijkl',
      '********ijk ************',
    ],
    ['that may be inside of another', ['abcdefgh12345678', 'efgh1234'], 'abcdefgh123456', 'abcd********56'],
    ['that overlaps itself', ['abababab'], 'abababababab', '************'],
    ['of one character', ['aaaaaaaa'], 'aaaaaaa aaaaaaaaaaaa', 'aaaaaaa ************'],
    ['of asterisks', ['********'], 'a ********* b', 'a ********* b'],
  ])('%s is asterisks, wherever the text is cut', (_what, secrets, text, masked) => {
    for (let at = 0; at <= text.length; at += 1)
      expect(whole(maskOf(...secrets), [text.slice(0, at), text.slice(at)])).toBe(masked);
    expect(whole(maskOf(...secrets), Array.from(text))).toBe(masked);
    expect(maskOf(...secrets).text(text)).toBe(masked);
  });

  it('that is too short to be told from ordinary text stays', () => {
    expect(whole(maskOf('short'), ['not short'])).toBe('not short');
  });
});

// An alphabet of few letters, or nothing would ever overlap.
const aText = (alphabet: string, minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...Array.from(alphabet)), minLength, maxLength });

/** Some secrets, and a text with them in it, whole and broken. */
const aCase = fc.constantFrom('a', 'ab', 'abc*').chain((alphabet) =>
  fc.array(aText(alphabet, 6, 14), { minLength: 1, maxLength: 4 }).chain((secrets) => {
    const piece = fc
      .tuple(aText(alphabet, 0, 20), fc.constantFrom(...secrets), fc.nat({ max: 2 }))
      .map(([before, secret, from]) => before + secret.slice(from));
    return fc.array(piece, { maxLength: 12 }).map((pieces) => ({ secrets, text: pieces.join('') }));
  }),
);

const cutAt = (text: string, places: readonly number[]): readonly string[] => {
  const cuts = [...places.map((place) => place % (text.length + 1)), text.length].sort((a, b) => a - b);
  return cuts.map((cut, at) => text.slice(cuts[at - 1] ?? 0, cut));
};

describe('any secrets, in any text, cut anywhere', () => {
  it('are asterisks where they are in the whole text, and nothing else is', () => {
    let found = 0;
    fc.assert(
      fc.property(aCase, fc.array(fc.nat(), { maxLength: 20 }), ({ secrets, text }, places) => {
        const masked = plainly(text, secrets);
        expect(whole(maskOf(...secrets), cutAt(text, places))).toBe(masked);
        expect(maskOf(...secrets).text(text)).toBe(masked);
        found += Number(masked !== text);
      }),
      { numRuns: 3000 },
    );
    // Or it would be true of anything.
    expect(found).toBeGreaterThan(200);
  });

  it('hold back only what may be the beginning of one', () => {
    fc.assert(
      fc.property(aCase, fc.array(fc.nat(), { maxLength: 20 }), ({ secrets, text }, places) => {
        const mask = maskOf(...secrets);
        const long = secrets.filter(({ length }) => length >= 8);
        let [came, went] = ['', 0];
        for (const chunk of cutAt(text, places)) {
          came += chunk;
          went += mask.next(Buffer.from(chunk, 'latin1')).length;
          const held = came.slice(went);
          expect(
            long.some((secret) => secret.startsWith(held) && held.length < secret.length) || held === '',
          ).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
