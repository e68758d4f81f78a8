import type { LeaseTarget } from '../core/access/lease-rows.ts';
import { isLockstepError } from '../core/errors.ts';
import { create, replace, type LedgerRow } from '../core/ports/ledger.ts';
import { instant, reached, secondsAfter, secondsBetween, type Clock } from '../core/time.ts';
import type { SweepPorts } from './sweep-ports.ts';

/** How long somebody may work at a target without a word, in seconds: longer than a round. */
const BUSY_SECONDS = 120;

/** How long a target is left alone that does not answer: twice as long each time. */
const FIRST_WAIT_SECONDS = 30;
const LONGEST_WAIT_SECONDS = 300;

/** What is remembered of a target when the work at it is over. */
export type TargetNews = Pick<LeaseTarget, 'compared' | 'comparedAt'> & {
  /** Whether it answered; `undefined` where it was not asked. */
  readonly answered?: boolean;
};

const UNKNOWN: LeaseTarget = {
  busyUntil: instant(new Date(0)),
  failures: 0,
  notBefore: instant(new Date(0)),
};

/**
 * Works at a target alone, unless somebody does already or it is left alone because it does not answer. Two who come at
 * once would ask it everything twice, and a budget would be none.
 *
 * Whoever dies at it leaves it claimed for two minutes; nothing is lost by that.
 */
export async function atTarget(
  ports: SweepPorts,
  target: string,
  work: (before: LeaseTarget) => Promise<TargetNews>,
): Promise<void> {
  const row = await ports.ledger.read('lease-target', target, 'state');
  const before = row?.body ?? UNKNOWN;
  const now = ports.clock();
  const isFree =
    isPast(before.busyUntil, BUSY_SECONDS, ports.clock) &&
    isPast(before.notBefore, LONGEST_WAIT_SECONDS, ports.clock);
  if (!isFree) return;
  const claim = { ...before, busyUntil: secondsAfter(instant(now), BUSY_SECONDS) };
  const claimed = await written(ports, target, row, claim);
  if (!claimed) return;
  let news: TargetNews = {};
  try {
    news = await work(before);
  } finally {
    // A release that fails costs the next round some waiting.
    await written(ports, target, claimed, released(ports, before, news)).catch(() => undefined);
  }
}

/** Over, or further ahead than it can have been written: then the clock was set back meanwhile. */
const isPast = (until: string, longestSeconds: number, clock: Clock): boolean =>
  reached(until, clock()) || secondsBetween(instant(clock()), until) > longestSeconds;

async function written(
  { ledger }: SweepPorts,
  target: string,
  row: LedgerRow<'lease-target'> | undefined,
  body: LeaseTarget,
): Promise<LedgerRow<'lease-target'> | undefined> {
  try {
    await ledger.commit([row ? replace(row, body) : create('lease-target', target, 'state', body)]);
    return {
      family: 'lease-target',
      credential: target,
      id: 'state',
      revision: (row?.revision ?? 0) + 1,
      body,
    };
  } catch (error) {
    if (isLockstepError(error, 'LEDGER_CONFLICT')) return undefined;
    throw error;
  }
}

function released(
  { clock }: SweepPorts,
  before: LeaseTarget,
  { answered, ...compared }: TargetNews,
): LeaseTarget {
  const { failingSince: _since, compared: _cursor, ...rest } = before;
  const at = instant(clock());
  const state = {
    ...rest,
    ...(before.compared === undefined || 'compared' in compared ? {} : { compared: before.compared }),
    ...compared,
    busyUntil: at,
  };
  if (answered === undefined)
    return { ...state, ...(before.failingSince === undefined ? {} : { failingSince: before.failingSince }) };
  if (answered) return { ...state, failures: 0, notBefore: at };
  const failures = before.failures + 1;
  const wait = Math.min(FIRST_WAIT_SECONDS * 2 ** Math.min(failures - 1, 10), LONGEST_WAIT_SECONDS);
  return { ...state, failures, failingSince: before.failingSince ?? at, notBefore: secondsAfter(at, wait) };
}
