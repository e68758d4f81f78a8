import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columns, fitLine } from '../../../embedded/view/fit-lines.ts';

describe('a line that is longer than the terminal', () => {
  it('is broken at a space, and goes on a little further in', () => {
    expect(fitLine('  - Who: somebody that nobody knows', 20)).toEqual([
      '  - Who: somebody',
      '    that nobody',
      '    knows',
    ]);
  });

  it('is left alone where it fits, or where there is no width', () => {
    expect(fitLine('a  b', 80)).toEqual(['a  b']);
    expect(fitLine('x'.repeat(500), undefined)).toEqual(['x'.repeat(500)]);
  });

  it('never exceeds the width and loses no word, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,30}$/), { minLength: 1 }),
        fc.integer({ min: 8, max: 60 }),
        (words, width) => {
          const lines = fitLine(words.join(' '), width);
          expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(width);
          expect(lines.join('').replaceAll(' ', '')).toBe(words.join(''));
        },
      ),
    );
  });
});

describe('columns', () => {
  it('are as wide as their widest cell', () => {
    expect(
      columns([
        ['a', 'bb'],
        ['ccc', 'd'],
      ]),
    ).toEqual(['a    bb', 'ccc  d']);
  });
});
