import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffSeconds, DELIVERY_RETRIES } from '../../../lambdas/core/propagation/backoff.ts';

const policy = { maxAttempts: 12, baseSeconds: 2, capSeconds: 1800 };

describe('the wait before the next attempt', () => {
  it.each([
    [1, 0, 1],
    [1, 0.5, 1.5],
    [2, 0, 2],
    [5, 0, 16],
    [11, 0, 900],
    [40, 0.999_999, 1800],
  ])('after attempt %i and a draw of %d is about %d s', (attempt, random, seconds) => {
    expect(backoffSeconds(policy, attempt, random)).toBeCloseTo(seconds, 2);
  });

  it('is never below what the other side asked for, and never above that and the cap', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        fc.nat({ max: 10_000 }),
        (attempt, random, asked) => {
          const seconds = backoffSeconds(policy, attempt, random, asked);
          expect(seconds).toBeGreaterThanOrEqual(asked);
          expect(seconds).toBeLessThanOrEqual(Math.max(asked, policy.capSeconds));
          expect(seconds).toBeGreaterThan(0);
        },
      ),
    );
  });

  it('differs between two that failed together, and grows', () => {
    expect(backoffSeconds(policy, 4, 0.1)).not.toBe(backoffSeconds(policy, 4, 0.9));
    const waits = [1, 2, 3, 4, 5, 6].map((attempt) => backoffSeconds(policy, attempt, 0.3));
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
  });
});

describe('a delivery', () => {
  it('is tried for about three hours in all before it is given up', () => {
    const attempts = Array.from({ length: DELIVERY_RETRIES.maxAttempts - 1 }, (_, index) => index + 1);
    const hours = (random: number): number =>
      attempts.reduce((sum, attempt) => sum + backoffSeconds(DELIVERY_RETRIES, attempt, random), 0) / 3600;
    expect(hours(0)).toBeGreaterThan(0.4);
    expect(hours(0.999)).toBeLessThan(3.5);
  });
});
