import { describe, expect, it } from 'vitest';
import {
  assertNotTooLate,
  EXPIRY_MARGIN_SECONDS,
  outlivesBy,
  secondsLeft,
} from '../../../lambdas/core/access/issue-times.ts';
import { secondsAfter } from '../../../lambdas/core/time.ts';

const NOW = '2026-01-01T00:00:00.000Z';
const now = new Date(NOW);
const times = (notAfterSeconds: number) => ({
  expiresAt: secondsAfter(NOW, 900),
  notAfter: secondsAfter(NOW, notAfterSeconds),
});

describe('an issue', () => {
  it.each([0.001, 1, 60])('is in time %d s before it is given up', (seconds) => {
    expect(() => assertNotTooLate('a-lease', times(seconds), now)).not.toThrow();
  });

  it.each([0, -0.001, -60])('makes nothing %d s after that, and says which lease it was for', (seconds) => {
    expect(() => assertNotTooLate('a-lease', times(seconds), now)).toThrow(
      expect.objectContaining({ code: 'FENCED_OFF', message: expect.stringContaining('a-lease') }),
    );
  });
});

describe('what a target is asked for', () => {
  it.each([
    [900, 900],
    [899.999, 899],
    [0.5, 0],
    [-0.5, -1],
  ])('is never more than is left: %d s', (left, asked) => {
    expect(secondsLeft({ expiresAt: secondsAfter(NOW, left) }, now)).toBe(asked);
  });
});

describe('what a target gives', () => {
  it.each([-600, 0, 1, EXPIRY_MARGIN_SECONDS])('does not outlive the lease by %d s', (seconds) => {
    expect(outlivesBy({ expiresAt: NOW }, secondsAfter(NOW, seconds))).toBeUndefined();
  });

  it.each([
    [EXPIRY_MARGIN_SECONDS + 0.001, EXPIRY_MARGIN_SECONDS + 1],
    [3600, 3600],
  ])('outlives it by %d s', (seconds, told) => {
    expect(outlivesBy({ expiresAt: NOW }, secondsAfter(NOW, seconds))).toBe(told);
  });
});
