/** Reads the time. Injected everywhere, so that a test can make it jump. */
export type Clock = () => Date;

/** An instant as text: ISO 8601, UTC, milliseconds. What the ledger, the audit and events hold. */
export type Instant = string;

/** `date` as an `Instant`. */
export const instant = (date: Date): Instant => date.toISOString();

/** The instant `seconds` after `from`. */
export const secondsAfter = (from: Instant, seconds: number): Instant =>
  new Date(Date.parse(from) + seconds * 1000).toISOString();

/** Seconds from `from` to `to`; negative where `to` is earlier. */
export const secondsBetween = (from: Instant, to: Instant): number =>
  (Date.parse(to) - Date.parse(from)) / 1000;

/** The later of the instants given. */
export const latest = (first: Instant, ...others: readonly Instant[]): Instant =>
  others.reduce((a, b) => (Date.parse(a) >= Date.parse(b) ? a : b), first);

/** The earlier of the instants given. */
export const earliest = (first: Instant, ...others: readonly Instant[]): Instant =>
  others.reduce((a, b) => (Date.parse(a) <= Date.parse(b) ? a : b), first);

/** True when `now` has reached `due`. */
export const reached = (due: Instant, now: Date): boolean => now.getTime() >= Date.parse(due);
