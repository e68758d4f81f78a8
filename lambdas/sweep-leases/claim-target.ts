import type { LeaseTarget } from '../core/access/lease-rows.ts';
import { isLockstepError } from '../core/errors.ts';
import { create, replace, type LedgerRow } from '../core/ports/ledger.ts';
import { instant, secondsAfter } from '../core/time.ts';
import { isPast, type SweepPorts } from './sweep-ports.ts';

/** How long somebody may work at a target without a word, in seconds: longer than a round. */
const BUSY_SECONDS = 120;

/** How long a target is left alone that does not answer: twice as long each time. */
const FIRST_WAIT_SECONDS = 30;
const LONGEST_WAIT_SECONDS = 300;

/** How far a target and the ledger have been compared. */
export type Progress = Pick<LeaseTarget, 'compared' | 'comparedAt' | 'askedAfter'>;

/** What is remembered of a target when the work at it is over. */
export interface TargetNews {
  /** Whether it let us in; `undefined` where it was not asked. */
  readonly answered?: boolean;
  /** Absent where nothing was compared: then it stays where it was. */
  readonly progress?: Progress;
}

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
  { answered, progress }: TargetNews,
): LeaseTarget {
  const at = instant(clock());
  const { failingSince, failures, notBefore } = before;
  const { compared, comparedAt, askedAfter } = progress ?? before;
  const state = {
    busyUntil: at,
    ...(compared === undefined ? {} : { compared }),
    ...(comparedAt === undefined ? {} : { comparedAt }),
    ...(askedAfter === undefined ? {} : { askedAfter }),
  };
  if (answered === undefined)
    return { ...state, failures, notBefore, ...(failingSince === undefined ? {} : { failingSince }) };
  if (answered) return { ...state, failures: 0, notBefore: at };
  const wait = Math.min(FIRST_WAIT_SECONDS * 2 ** Math.min(failures, 10), LONGEST_WAIT_SECONDS);
  return {
    ...state,
    failures: failures + 1,
    failingSince: failingSince ?? at,
    notBefore: secondsAfter(at, wait),
  };
}
