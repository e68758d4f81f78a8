import type { Instant } from '../../lambdas/core/time.ts';

const UNITS = [
  [86_400, 'd', 3 * 86_400],
  [3600, 'h', 3 * 3600],
  [60, 'min', 180],
] as const;

/** A length of time in one unit, as a person says it: `40 s`, `12 min`, `5 h`, `9 d`. */
export function lengthText(seconds: number): string {
  const whole = Math.round(seconds);
  const [size, unit] = UNITS.find(([, , from]) => whole >= from) ?? [1, 's'];
  return `${Math.round(whole / size)} ${unit}`;
}

/** A moment as the clock says: `2026-11-24 02:46:40 UTC`. */
export const clockText = (at: Instant): string => {
  const date = new Date(at);
  return Number.isNaN(date.getTime())
    ? 'at an unknown time'
    : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
};

/** How far a moment is from now: `12 s ago`, `in 3 min`. */
export function distanceText(at: Instant, now: Instant): string {
  const seconds = (Date.parse(now) - Date.parse(at)) / 1000;
  if (Number.isNaN(seconds)) return 'unknown';
  return seconds >= 0 ? `${lengthText(seconds)} ago` : `in ${lengthText(-seconds)}`;
}

/** Both: `2026-11-24 02:46:40 UTC (12 s ago)`. */
export const momentText = (at: Instant, now: Instant): string =>
  `${clockText(at)} (${distanceText(at, now)})`;

/** A sentence of the pipeline's with its instants as a person reads them. */
export const withMoments = (sentence: string, now: Instant): string =>
  sentence.replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (at) => momentText(at, now));
