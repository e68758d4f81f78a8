import type { Instant } from '../time.ts';
import { byTime, type Sighting } from './sighting.ts';
import { stretchStart } from './stretch.ts';

/** A refused call. */
export interface Denial extends Sighting {
  /** The subject's key; absent where the record names no secret. */
  readonly secret?: string;
}

/**
 * What is remembered of one principal's refused calls in one stretch of ten minutes (id: its start).
 *
 * A flood of any size leaves at most sixteen entries, and yet every question about ten minutes that begin
 * here has the same answer as with all of them: such a window is the end of this stretch and the beginning
 * of the next, and each end keeps as many calls, and as many different secrets, as the rule can ask for.
 */
export interface DenialCell {
  readonly from: Instant;
  readonly earliest: readonly Denial[];
  readonly latest: readonly Denial[];
}

/** A burst: this many refused calls over this many secrets within this time. */
export const BURST = { calls: 5, secrets: 3, seconds: 600 } as const;

/** The start of the stretch that an instant belongs to: the cell's id. */
export const cellStart = (at: Instant): Instant => stretchStart(at, BURST.seconds);

/** The start of the stretch `steps` after one that starts at `from`. */
export const neighbourStart = (from: Instant, steps: 1 | -1): Instant =>
  new Date(Date.parse(from) + steps * BURST.seconds * 1000).toISOString();

/**
 * The cell with one more call; the very same cell where that changes nothing.
 *
 * Any order and any repetition end in the same answers. Once the stretch is known to hold a burst, only its
 * beginning still matters, to the stretch before it: a flood then stops costing writes.
 */
export function rememberDenial(
  cell: DenialCell | undefined,
  denial: Denial,
  next: DenialCell | undefined,
): DenialCell {
  const { earliest, latest } = cell ?? { earliest: [], latest: [] };
  const isSettled = cell !== undefined && isBurst(cell, next);
  const changed = {
    from: cell?.from ?? cellStart(denial.at),
    earliest: ends([...earliest, denial], inOrder),
    latest: isSettled ? latest : ends([...latest, denial], (one, other) => inOrder(other, one)),
  };
  if (cell && sameDenials(cell.earliest, changed.earliest) && sameDenials(cell.latest, changed.latest))
    return cell;
  return changed;
}

/** Whether ten minutes that begin in this stretch hold a burst. Once true, more calls never make it false. */
export function isBurst(cell: DenialCell | undefined, next: DenialCell | undefined): boolean {
  if (!cell) return false;
  const here = distinct([...cell.earliest, ...cell.latest]);
  const all = [...here, ...(next?.earliest ?? [])];
  return here.some((first) => {
    const start = Date.parse(first.at);
    const within = all.filter(({ at }) => {
      const time = Date.parse(at);
      return time >= start && time < start + BURST.seconds * 1000;
    });
    return within.length >= BURST.calls && secretsOf(within).size >= BURST.secrets;
  });
}

/** What a finding names of a burst: the calls that began it. A function of the calls alone, not of their order. */
export const burstEvidence = (cell: DenialCell, next: DenialCell | undefined): readonly Denial[] =>
  [...cell.earliest, ...(next?.earliest ?? [])].sort(inOrder);

/** The first few calls in an order, and the first call of each of the first few secrets. */
function ends(denials: readonly Denial[], order: (one: Denial, other: Denial) => number): readonly Denial[] {
  const sorted = distinct(denials).sort(order);
  const firsts = new Map<string, Denial>();
  for (const denial of sorted) {
    if (firsts.size < BURST.secrets && denial.secret !== undefined && !firsts.has(denial.secret))
      firsts.set(denial.secret, denial);
  }
  const kept = new Set([...sorted.slice(0, BURST.calls), ...firsts.values()]);
  return sorted.filter((denial) => kept.has(denial));
}

/** By time, id and secret: a total order, or what is kept would depend on what came first. */
function inOrder(one: Denial, other: Denial): number {
  const [a, b] = [one.secret ?? '', other.secret ?? ''];
  return byTime(one, other) || (a < b ? -1 : a > b ? 1 : 0);
}

/** A refused batch that names several secrets is one refused call for each. */
const identity = ({ eventId, secret }: Denial): string => `${eventId} ${secret ?? ''}`;

const distinct = (denials: readonly Denial[]): Denial[] => [
  ...new Map(denials.map((denial) => [identity(denial), denial])).values(),
];

const secretsOf = (denials: readonly Denial[]): ReadonlySet<string> =>
  new Set(denials.flatMap(({ secret }) => (secret === undefined ? [] : [secret])));

const sameDenials = (some: readonly Denial[], others: readonly Denial[]): boolean =>
  some.length === others.length &&
  some.every((denial, index) => {
    const other = others[index];
    return other !== undefined && identity(denial) === identity(other);
  });
