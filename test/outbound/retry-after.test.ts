import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RETRY_AFTER_CAP_SECONDS, retryAfterSeconds } from '../../lambdas/outbound/retry-after.ts';

const NOW = new Date('2026-01-01T00:00:00.000Z');

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    ['7', 7],
    [' 120 ', 120],
    ['999999999', RETRY_AFTER_CAP_SECONDS],
    ['Thu, 01 Jan 2026 00:01:30 GMT', 90],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['Fri, 01 Jan 2027 00:00:00 GMT', RETRY_AFTER_CAP_SECONDS],
  ])('understands %j', (header, seconds) => {
    expect(retryAfterSeconds(header, NOW)).toBe(seconds);
  });

  it.each([
    ['-1'],
    ['1.5'],
    ['soon'],
    [''],
    ['2026-01-01T00:01:00Z'],
    ['1e3'],
    ['Thu, 99 Foo 2026 00:00:00 GMT'],
  ])('does not guess at %j', (header) => {
    expect(retryAfterSeconds(header, NOW)).toBeUndefined();
  });

  it('is nothing where there is no header', () => {
    expect(retryAfterSeconds(undefined, NOW)).toBeUndefined();
    expect(retryAfterSeconds(null, NOW)).toBeUndefined();
  });

  it('is a whole number of seconds within the cap, whatever is sent', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
          fc.nat().map(String),
        ),
        (header) => {
          const seconds = retryAfterSeconds(header, NOW) ?? 0;
          expect(Number.isInteger(seconds) && seconds >= 0 && seconds <= RETRY_AFTER_CAP_SECONDS).toBe(true);
        },
      ),
    );
  });
});
