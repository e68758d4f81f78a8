/** Heads are numbered 1, 2, 3 …; one a minute fills twelve digits in two million years. */
const DIGITS = 12;
const MAX_NUMBER = 10 ** DIGITS - 1;

const padded = (number: number): string => String(number).padStart(DIGITS, '0');

/**
 * Where a head lies. S3 lists keys in ascending order only, so the number goes in counted down: the newest
 * head is the first key, found by one request however many there are. The number itself follows, for people.
 */
export const headKey = (prefix: string, number: number): string =>
  `${prefix}${padded(MAX_NUMBER - number)}-${padded(number)}.json`;

/** The number of the head at a key; `undefined` for a key that is none of ours. */
export function headNumber(prefix: string, key: string): number | undefined {
  const number = Number(/-(\d{12})\.json$/.exec(key)?.[1]);
  return headKey(prefix, number) === key ? number : undefined;
}
