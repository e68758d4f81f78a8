import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tickSeconds } from '../../../lambdas/core/rotation/cadence.ts';
import { cadenceExpression } from '../../../lib/rotation/cadence-expression.ts';

const MINUTES_OF_DAY = 1440;

/** The minutes of a day at which an expression fires, as EventBridge reads `start/step` and single numbers. */
function firesAt(cron: string): readonly number[] {
  const [, minutes = '', hours = '', ...rest] =
    /^cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)$/.exec(cron) ?? [];
  expect(rest).toEqual(['*', '*', '?', '*']);
  const values = (field: string, end: number): readonly number[] => {
    if (field === '*') return Array.from({ length: end }, (_, index) => index);
    const [start = '', step] = field.split('/');
    if (step === undefined) return [Number(start)];
    return Array.from({ length: end }, (_, index) => index).filter(
      (each) => each >= Number(start) && (each - Number(start)) % Number(step) === 0,
    );
  };
  return values(hours, 24)
    .flatMap((hour) => values(minutes, 60).map((minute) => hour * 60 + minute))
    .sort((a, b) => a - b);
}

const cadence = fc.integer({ min: 10, max: 1000 * MINUTES_OF_DAY }).map((minutes) => minutes * 60);
const name = fc.stringMatching(/^lockstep\/staging\/[a-z]{1,12}$/);

describe('the schedule of a credential', () => {
  it('fires exactly at each tick, at even distances all day round', () => {
    fc.assert(
      fc.property(name, cadence, (subject, every) => {
        const { cron } = cadenceExpression(subject, every);
        const times = firesAt(cron);
        const step = tickSeconds(every) / 60;
        expect(times).toHaveLength(MINUTES_OF_DAY / step);
        const gaps = times.map(
          (time, index) => (times[index + 1] ?? (times[0] ?? 0) + MINUTES_OF_DAY) - time,
        );
        expect(new Set(gaps)).toEqual(new Set([step]));
      }),
    );
  });

  it('never counts from its own creation, which would fire at once when it is deployed', () => {
    fc.assert(
      fc.property(name, cadence, (subject, every) => {
        expect(cadenceExpression(subject, every).cron).not.toContain('rate');
      }),
    );
  });

  it('is the same whenever it is made', () => {
    expect(cadenceExpression('lockstep/staging/vector-store', 604_800)).toEqual(
      cadenceExpression('lockstep/staging/vector-store', 604_800),
    );
  });

  it('has a window that neither meets the next tick nor makes a credential overdue', () => {
    fc.assert(
      fc.property(name, cadence, (subject, every) => {
        const { windowMinutes } = cadenceExpression(subject, every);
        expect(windowMinutes * 60).toBeLessThanOrEqual(tickSeconds(every) / 4);
        expect(windowMinutes * 60).toBeLessThanOrEqual(every / 20);
        // Scheduler takes whole minutes up to a day.
        expect(Number.isInteger(windowMinutes) && windowMinutes >= 0 && windowMinutes <= 1440).toBe(true);
      }),
    );
  });

  it('spreads a fleet over the day: no minute has more than a few of a thousand', () => {
    const starts = Array.from(
      { length: 1000 },
      (_, index) =>
        firesAt(cadenceExpression(`lockstep/production/credential-${index}`, 86_400).cron)[0] ?? 0,
    );
    const perHour = Array.from(
      { length: 24 },
      (_, hour) => starts.filter((start) => Math.floor(start / 60) === hour).length,
    );
    expect(Math.max(...perHour)).toBeLessThan(75);
    expect(Math.min(...perHour)).toBeGreaterThan(15);
    expect(starts.filter((start) => start === 0).length).toBeLessThan(8);
  });
});
