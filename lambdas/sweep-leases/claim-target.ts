import { LEASE_TIMEOUT_SECONDS } from '../contracts/function-timeouts.ts';
import type { LeaseTarget } from '../core/access/lease-rows.ts';
import { isLockstepError, LockstepError } from '../core/errors.ts';
import type { LockstepEvent } from '../core/events.ts';
import { makeEvent } from '../core/make-event.ts';
import { create, replace, type LedgerRow } from '../core/ports/ledger.ts';
import { instant, secondsAfter, secondsBetween, type Instant } from '../core/time.ts';
import { isPast, type SweepPorts } from './sweep-ports.ts';

/** From when on whoever works says that it is still at it, in seconds. Most rounds are over before. */
const SILENT_SECONDS = 10;

/**
 * How long somebody may work at a target without a word, in seconds: longer than that silence and one call to a target that
 * does not answer. Whoever takes longer works beside somebody else for a moment: more calls than meant, and no harm, since
 * ends repeat. It is also how long whoever dies at a target holds it up.
 */
const BUSY_SECONDS = SILENT_SECONDS + LEASE_TIMEOUT_SECONDS + 5;

/** How long a target is left alone that does not answer: twice as long each time. */
const FIRST_WAIT_SECONDS = 30;
const LONGEST_WAIT_SECONDS = 300;

/** How often the row of a target that others change is read again. */
const ATTEMPTS = 5;

/** How far a target and the ledger have been compared. */
export type Progress = Pick<LeaseTarget, 'compared' | 'comparedAt' | 'askedAfter'>;

/** What is remembered of a target when the work at it is over. */
export interface TargetNews {
  /** Whether it let us in; `undefined` where it was not asked. */
  readonly answered?: boolean;
  /** Absent where nothing was compared: then it stays where it was. */
  readonly progress?: Progress;
  /** Something was left there that can be gone on with at once. */
  readonly isLeft?: boolean;
}

/**
 * Says between two pieces of work that somebody is still at it, where nothing was said for a while. Answers `wanted` where
 * somebody else has come meanwhile and waits for the queue to be looked at again, and `lost` where somebody has taken over.
 */
export type Stay = () => Promise<'alone' | 'wanted' | 'lost'>;

/** A target, for whoever works there alone. */
export interface AtTarget {
  /** What was known of it. */
  readonly before: LeaseTarget;
  readonly stay: Stay;
}

/** The row as its holder knows it, and when it was last written. */
interface Claim {
  readonly id: string;
  row: LedgerRow<'lease-target'>;
  saidAt: Instant;
}

const UNKNOWN: LeaseTarget = {
  busyUntil: instant(new Date(0)),
  failures: 0,
  notBefore: instant(new Date(0)),
};

/**
 * Works at a target alone, unless it is left alone because it does not answer. Two who come at once would ask it everything
 * twice, and a budget would be none.
 *
 * Whoever finds somebody at it leaves a mark, and the commit that lets go of the target has it looked at again where there is
 * one: an end that was written before the mark waits for no round of the clock. Whoever dies at a target leaves it claimed
 * for a minute, mark and all; nothing is lost by that, for the queue is in the ledger.
 */
export async function atTarget(
  ports: SweepPorts,
  target: string,
  work: (at: AtTarget) => Promise<TargetNews>,
): Promise<void> {
  const { before, claim } = await claimTarget(ports, target);
  if (!claim) return;
  let news: TargetNews = {};
  try {
    news = await work({ before, stay: () => stay(ports, claim) });
  } finally {
    // Where it cannot be let go it is claimed for a minute more, and the round behind that finds what waits.
    await letGo(ports, claim, before, news).catch(() => undefined);
  }
}

type Access = 'free' | 'busy' | 'left-alone';

/** By who is at it and how often it failed, and only then by the clock: another's is never quite ours. */
function accessTo({ clock }: SweepPorts, { claim, busyUntil, failures, notBefore }: LeaseTarget): Access {
  if (claim !== undefined && !isPast(busyUntil, BUSY_SECONDS, clock)) return 'busy';
  return failures > 0 && !isPast(notBefore, LONGEST_WAIT_SECONDS, clock) ? 'left-alone' : 'free';
}

async function claimTarget(
  ports: SweepPorts,
  target: string,
): Promise<{ readonly before: LeaseTarget; readonly claim?: Claim }> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const row = await ports.ledger.read('lease-target', target, 'state');
    const before = row?.body ?? UNKNOWN;
    const access = accessTo(ports, before);
    if (access === 'left-alone') return { before };
    if (access === 'busy') {
      if (before.isWanted === true || (await written(ports, target, row, { ...before, isWanted: true })))
        return { before };
      continue;
    }
    const claim = await claimed(ports, target, row, before);
    if (claim) return { before, claim };
  }
  throw changedByOthers(target);
}

/** What waited for whoever was at it before is in the queue, and is seen to now: the mark goes. */
async function claimed(
  ports: SweepPorts,
  target: string,
  row: LedgerRow<'lease-target'> | undefined,
  { isWanted: _seenTo, ...before }: LeaseTarget,
): Promise<Claim | undefined> {
  const id = ports.newId();
  const saidAt = instant(ports.clock());
  const body = { ...before, claim: id, busyUntil: secondsAfter(saidAt, BUSY_SECONDS) };
  const own = await written(ports, target, row, body);
  return own && { id, row: own, saidAt };
}

async function stay(ports: SweepPorts, claim: Claim): ReturnType<Stay> {
  const now = instant(ports.clock());
  const silence = secondsBetween(claim.saidAt, now);
  // Below nothing the clock was set back: whatever was said then counts for nothing.
  const isSilent = silence < 0 || silence >= SILENT_SECONDS;
  if (isSilent && !(await isSaid(ports, claim, now))) return 'lost';
  return claim.row.body.isWanted === true ? 'wanted' : 'alone';
}

async function isSaid(ports: SweepPorts, claim: Claim, now: Instant): Promise<boolean> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const { row } = claim;
    const body = { ...row.body, busyUntil: secondsAfter(now, BUSY_SECONDS) };
    const own = await written(ports, row.credential, row, body);
    if (own) {
      Object.assign(claim, { row: own, saidAt: now });
      return true;
    }
    if (!(await isStillOurs(ports, claim))) return false;
  }
  throw changedByOthers(claim.row.credential);
}

/** Reads the row again: somebody has marked it, or taken it over. */
async function isStillOurs({ ledger }: SweepPorts, claim: Claim): Promise<boolean> {
  const found = await ledger.read('lease-target', claim.row.credential, 'state');
  if (found?.body.claim !== claim.id) return false;
  claim.row = found;
  return true;
}

/**
 * Lets go, and in the same commit has the target looked at again where somebody was too late or something is left. Whoever
 * comes between the last look and this commit has marked the row, which is then read once more. What does not answer is
 * left alone instead: whoever waits, waits for it to come back.
 */
async function letGo(ports: SweepPorts, claim: Claim, before: LeaseTarget, news: TargetNews): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const { row } = claim;
    const isAgain = news.answered !== false && (row.body.isWanted === true || news.isLeft === true);
    try {
      const events = isAgain ? [lookAgain(ports, row.credential)] : [];
      await ports.ledger.commit([replace(row, released(ports, before, news))], events);
      return;
    } catch (error) {
      if (attempt > ATTEMPTS) throw error;
    }
    if (!(await isStillOurs(ports, claim))) return;
  }
}

const lookAgain = (ports: SweepPorts, target: string): LockstepEvent =>
  makeEvent({ ...ports, environment: ports.inventory.environment }, 'leases.due', { target });

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

const changedByOthers = (target: string): LockstepError =>
  new LockstepError(
    'LEDGER_CONFLICT',
    `what the ledger has of the lease target ${target} was changed by others ${ATTEMPTS} times in a row; it is tried again`,
  );
