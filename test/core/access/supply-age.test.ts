import { describe, expect, it } from 'vitest';
import { supplyAgeOf } from '../../../lambdas/core/access/supply-age.ts';
import { secondsAfter } from '../../../lambdas/core/time.ts';

const AT = '2026-01-01T00:00:00.000Z';
const DAY = 86_400;
const declared = { supplyEverySeconds: 90 * DAY };
const current = { version: 'v1', labels: ['AWSCURRENT'], createdAt: AT };
const after = (seconds: number): Date => new Date(secondsAfter(AT, seconds));

describe('the age of what leases are made by', () => {
  it('is that of the current version, and due when supplyEvery is over', () => {
    expect(supplyAgeOf(declared, [current], after(30 * DAY))).toEqual({
      is: 'known',
      since: AT,
      ageSeconds: 30 * DAY,
      dueAt: secondsAfter(AT, 90 * DAY),
      isOverdue: false,
    });
  });

  it('is overdue from the moment that it is due', () => {
    const overdue = (seconds: number): boolean => {
      const age = supplyAgeOf(declared, [current], after(seconds));
      return age.is === 'known' && age.isOverdue;
    };
    expect([overdue(90 * DAY - 1), overdue(90 * DAY), overdue(900 * DAY)]).toEqual([false, true, true]);
  });

  it('is no younger for a value that waits to be proved, or that was there before', () => {
    const others = [
      { version: 'v2', labels: ['AWSPENDING'], createdAt: secondsAfter(AT, 89 * DAY) },
      { version: 'v0', labels: ['AWSPREVIOUS'], createdAt: secondsAfter(AT, -DAY) },
    ];
    expect(supplyAgeOf(declared, [...others, current], after(90 * DAY))).toMatchObject({
      since: AT,
      isOverdue: true,
    });
  });

  it('is missing where nobody has given it a value, and unknown where nobody says since when', () => {
    expect(supplyAgeOf(declared, [], after(0))).toEqual({ is: 'missing' });
    expect(supplyAgeOf(declared, [{ ...current, labels: ['AWSPENDING'] }], after(0))).toEqual({
      is: 'missing',
    });
    const { createdAt: _unsaid, ...undated } = current;
    expect(supplyAgeOf(declared, [undated], after(0))).toEqual({ is: 'unknown' });
  });

  it('is nothing, and not less, under a clock that was set back', () => {
    expect(supplyAgeOf(declared, [current], after(-DAY))).toMatchObject({ ageSeconds: 0, isOverdue: false });
  });
});
