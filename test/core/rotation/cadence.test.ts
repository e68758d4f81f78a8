import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDue, tickSeconds } from '../../../lambdas/core/rotation/cadence.ts';

const [MINUTE, HOUR, DAY] = [60, 3600, 86_400];
const at = (seconds: number): Date => new Date(Date.UTC(2027, 0, 1) + seconds * 1000);

/** From the shortest cadence on AWS to the longest, in whole minutes. */
const cadence = fc.integer({ min: 10, max: 1000 * 1440 }).map((minutes) => minutes * MINUTE);

describe('a tick', () => {
  it.each([
    [10 * MINUTE, 10 * MINUTE],
    [90 * MINUTE, 30 * MINUTE],
    [DAY, DAY],
    [36 * HOUR, 12 * HOUR],
    [7 * DAY, DAY],
    [30 * DAY, DAY],
    [10 * DAY + HOUR, DAY],
    [25 * HOUR, 2 * HOUR],
  ])('of a cadence of %i s comes every %i s', (every, tick) => {
    expect(tickSeconds(every)).toBe(tick);
  });

  it('comes at the same times every day, and at least once per cadence', () => {
    fc.assert(
      fc.property(cadence, (every) => {
        expect(DAY % tickSeconds(every)).toBe(0);
        expect(tickSeconds(every)).toBeLessThanOrEqual(every);
      }),
    );
  });
});

/** Lives through ticks, each within its window, some lost, and says when rotations were asked for. */
function rotationsOver(
  every: number,
  { late, slow, lost }: { late: number; slow: number; lost: number },
): readonly number[] {
  const tick = tickSeconds(every);
  const asked: number[] = [];
  let since = 0;
  for (let number = 1; asked.length < 3; number += 1) {
    // Every tick is anywhere in its window, and the version is current some time after it.
    const now = number * tick + Math.floor(late * ((number * 7919) % tick) * 0.25);
    if (
      number === lost ||
      !isDue({ rotateEverySeconds: every }, { currentSince: at(since).toISOString() }, at(now))
    )
      continue;
    asked.push(now);
    since = now + slow * tick * 0.2;
  }
  return asked;
}

/** Those that can be lived through tick by tick. */
const liveable = fc.integer({ min: 10, max: 60 * 1440 }).map((minutes) => minutes * MINUTE);

const weather = fc.record({
  late: fc.double({ min: 0, max: 1, noNaN: true }),
  slow: fc.double({ min: 0, max: 1, noNaN: true }),
});

describe('being due', () => {
  it('comes once per cadence, however the ticks fall within their windows', () => {
    fc.assert(
      fc.property(liveable, weather, (every, { late, slow }) => {
        const tick = tickSeconds(every);
        const asked = rotationsOver(every, { late, slow, lost: -1 });
        for (const [index, time] of asked.entries()) {
          const gap = time - (asked[index - 1] ?? 0);
          expect(gap).toBeGreaterThanOrEqual(every - tick * 0.8);
          expect(gap).toBeLessThanOrEqual(every + tick);
        }
      }),
    );
  });

  it('is made good one tick later when a tick is lost, not one cadence later', () => {
    fc.assert(
      fc.property(liveable, (every) => {
        const tick = tickSeconds(every);
        const undisturbed = rotationsOver(every, { late: 0, slow: 0, lost: -1 });
        const first = (undisturbed[0] ?? 0) / tick;
        const disturbed = rotationsOver(every, { late: 0, slow: 0, lost: first });
        expect((disturbed[0] ?? 0) - (undisturbed[0] ?? 0)).toBe(tick);
      }),
    );
  });

  it('is not what a deployment makes of a young credential: a tick out of turn changes nothing', () => {
    const state = { currentSince: at(0).toISOString() };
    expect(isDue({ rotateEverySeconds: 7 * DAY }, state, at(3 * DAY))).toBe(false);
    expect(isDue({ rotateEverySeconds: 7 * DAY }, state, at(6.4 * DAY))).toBe(false);
    expect(isDue({ rotateEverySeconds: 7 * DAY }, state, at(7 * DAY - 120))).toBe(true);
  });

  it('counts from adoption where nothing has been rotated yet', () => {
    const adopted = { adoptedAt: at(0).toISOString() };
    expect(isDue({ rotateEverySeconds: DAY }, adopted, at(HOUR))).toBe(false);
    expect(isDue({ rotateEverySeconds: DAY }, adopted, at(DAY))).toBe(true);
  });

  it('is always said in the embedded world, whose clock ticks at no other time', () => {
    expect(isDue({ rotateEverySeconds: 60 }, { currentSince: at(0).toISOString() }, at(1))).toBe(true);
  });

  it('is said of a credential that nobody has adopted: the refusal is for admission to give', () => {
    expect(isDue({ rotateEverySeconds: DAY }, {}, at(0))).toBe(true);
  });
});
