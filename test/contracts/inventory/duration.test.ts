import { expect, it } from 'vitest';
import { days, hours, inWords, minutes, seconds } from '../../../lambdas/contracts/inventory/duration.ts';

it('turns every unit into seconds', () => {
  expect([seconds(5), minutes(5), hours(5), days(5)]).toEqual([
    { seconds: 5 },
    { seconds: 300 },
    { seconds: 18_000 },
    { seconds: 432_000 },
  ]);
  expect(minutes(0.5)).toEqual({ seconds: 30 });
});

it.each([
  [0, '0 seconds'],
  [1, '1 second'],
  [59, '59 seconds'],
  [60, '1 minute'],
  [90, '90 seconds'],
  [3600, '1 hour'],
  [172_800, '2 days'],
])('says %i seconds as %s', (count, words) => {
  expect(inWords(count)).toBe(words);
});
