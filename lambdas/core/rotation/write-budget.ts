import { instant, type Instant } from '../time.ts';

/**
 * PutSecretValue, UpdateSecret and UpdateSecretVersionStage per second, of one account in one Region together; AWS does
 * not raise it (https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html).
 */
export const VAULT_WRITES_QUOTA = 50;

/** What Lockstep takes of it outside of breach mode: applications share the quota. */
export const VAULT_WRITES_PER_SECOND = 35;

/** The least that a share of it may be: below there is no room for one rotation in a second. */
export const LEAST_WRITES_PER_SECOND = 4;

/** Most writes that are asked for at once: the two of a rotation, or of a roll-back. */
export const MOST_WRITES_AT_ONCE = 2;

/** Out of which part of the quota writes are taken: what applications leave, or, in breach mode, all of it. */
export type WriteLane = 'ordinary' | 'whole';

/** What is asked of the budget. */
export interface WriteWish {
  readonly writes: 1 | typeof MOST_WRITES_AT_ONCE;
  readonly lane: WriteLane;
  /** How many writes a second the ordinary lane has. */
  readonly ordinaryPerSecond: number;
}

/** From when on each lane is free: all that has to be remembered of the writes before. */
export interface WriteBudget {
  readonly ordinaryFrom: Instant;
  readonly wholeFrom: Instant;
}

/** When the writes may begin, and the budget once they are taken. */
export interface WriteTurn {
  readonly waitMs: number;
  readonly startsAt: Instant;
  readonly after: WriteBudget;
}

/**
 * A lane cannot really be taken for so long: whoever waits in it gives up after seconds. A row that says so was written
 * under a clock that is wrong, or by somebody else, and must not stop rotations until that clock has been reached.
 */
const NEVER_AHEAD_MS = 10_000;

/**
 * The next turn: a token bucket that holds no more than one turn's tokens, in the form of its next free instant (GCRA,
 * ITU-T I.371). Turns of a lane begin so far apart that no second holds more than the lane's writes, wherever the second
 * begins; an idle lane saves nothing up, so that no burst follows a silence.
 *
 * What breach mode takes counts in both lanes and waits for its own alone: ordinary turns make room for it. A clock that
 * goes back only makes turns later; see `NEVER_AHEAD_MS` for one that is far off.
 */
export function nextTurn(before: WriteBudget | undefined, wish: WriteWish, now: Date): WriteTurn {
  const whole = freeAt(before?.wholeFrom, now);
  const ordinary = freeAt(before?.ordinaryFrom, now);
  const start = wish.lane === 'whole' ? whole : Math.max(whole, ordinary);
  return {
    waitMs: start - now.getTime(),
    startsAt: instant(new Date(start)),
    after: {
      ordinaryFrom: at(Math.max(ordinary, start + spanMs(wish.writes, wish.ordinaryPerSecond))),
      wholeFrom: at(start + spanMs(wish.writes, VAULT_WRITES_QUOTA)),
    },
  };
}

const at = (milliseconds: number): Instant => instant(new Date(milliseconds));

function freeAt(from: Instant | undefined, now: Date): number {
  const ahead = from === undefined ? 0 : Date.parse(from) - now.getTime();
  return now.getTime() + (ahead > 0 && ahead <= NEVER_AHEAD_MS ? ahead : 0);
}

/**
 * How long these writes keep a lane. Both ends of a second may hold a whole turn, so the rate is that of the lane less
 * one turn. Whole milliseconds, rounded up: instants have no finer ones.
 */
const spanMs = (writes: number, perSecond: number): number =>
  Math.ceil((writes * 1000) / (Math.max(perSecond, LEAST_WRITES_PER_SECOND) - MOST_WRITES_AT_ONCE));
