import { expect, it } from 'vitest';
import { randomKind } from '../../../lambdas/rotators/random/kind.ts';

it.each([24, 32, 64])('makes signing secrets of %i bytes', (bytes) => {
  expect(randomKind.target.safeParse({ bytes }).success).toBe(true);
});

it.each([23, 65, 0, -1, 32.5, '32'])('makes none of %j bytes', (bytes) => {
  expect(randomKind.target.safeParse({ bytes }).success).toBe(false);
});

it('makes 32 bytes unless the file says otherwise', () => {
  expect(randomKind.target.parse({})).toEqual({ bytes: 32 });
});

it('has no target: nothing to reach and no account', () => {
  expect(randomKind.accounts()).toEqual([]);
  expect(randomKind.places()).toEqual([]);
  expect(randomKind).not.toHaveProperty('authorityKind');
});
