import * as z from 'zod';

/** A length of time, as the file holds it. Its unit is in its field, so no number can be taken for another one. */
export interface Duration {
  readonly seconds: number;
}

/** The length of `count` seconds. */
export const seconds = (count: number): Duration => ({ seconds: count });

/** The length of `count` minutes. */
export const minutes = (count: number): Duration => ({ seconds: count * 60 });

/** The length of `count` hours. */
export const hours = (count: number): Duration => ({ seconds: count * 3600 });

/** The length of `count` days of 24 hours. */
export const days = (count: number): Duration => ({ seconds: count * 86_400 });

/** The longest duration that is accepted anywhere: ten years. A longer one is a mistake of unit. */
const LONGEST_SECONDS = 315_360_000;

/** `what`: what the duration is for, in the words that a problem uses for what is allowed. */
export const durationOf = (what: string) =>
  z
    .strictObject({ seconds: z.int().min(0).max(LONGEST_SECONDS).describe('whole seconds, at least 0') })
    .describe(`${what}: a duration of whole seconds, as seconds(), minutes(), hours() or days() make it`);

const UNITS = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
] as const;

/** A duration in words, in the largest unit that divides it: `5 minutes`. */
export function inWords(count: number): string {
  const [size, unit] = UNITS.find(([length]) => count > 0 && count % length === 0) ?? [1, 'second'];
  const number = count / size;
  return `${number} ${unit}${number === 1 ? '' : 's'}`;
}
