import { instant, type Instant } from '../time.ts';
import type { LeaseQuota, LeaseTurn } from './lease-rows.ts';

/** What one gate lets through: live leases at once, and new ones in a minute. */
export interface GateLimits {
  readonly total: number;
  readonly perMinute: number;
}

/** Somebody before a gate. */
export interface GateAsk {
  readonly holder: string;
  readonly now: Date;
  /** Nobody is told to come back later than this, whatever a clock has written. */
  readonly horizonSeconds: number;
}

/** What a gate says. `after` is what has to be written for it to hold. */
export type GateAnswer =
  | { readonly gate: 'in'; readonly after: LeaseQuota }
  /** Its place in the minute is kept, or was kept before: then nothing has to be written. */
  | { readonly gate: 'wait'; readonly at: Instant; readonly after?: LeaseQuota }
  /** No room: only the end of another lease makes some. */
  | { readonly gate: 'full' };

/** How late a turn may be taken, in seconds. Who comes later stands behind everybody else. */
export const GRACE_SECONDS = 30;

/** The most that a row remembers to be waiting: one row has to hold them. */
export const MOST_WAITING = 100;

/** How many of a minute's leases may begin at once, after a silence. */
export const burstOf = ({ perMinute }: GateLimits): number => Math.max(1, Math.floor(perMinute / 4));

/** Seconds between two turns, so that burst and turns together are a minute's leases. */
const spacingMs = (limits: GateLimits): number =>
  Math.ceil(60_000 / (limits.perMinute - burstOf(limits) + 1));

/**
 * Whether a holder may have a lease now, and when to come back if not.
 *
 * Turns are handed out in the order of asking (GCRA, ITU-T I.371, with the next free turn as its state), and every holder
 * has one that it has not taken, however often it asks: a holder that floods gets one turn of each round, as everybody
 * does. What there is room for belongs to those that wait before it belongs to whoever just came. Whoever comes back at
 * the time it was told, and not much later, finds its turn.
 *
 * Pure and total. A clock that was set back makes nobody wait for longer than the turns that are really before it.
 */
export function passGate(before: LeaseQuota | undefined, limits: GateLimits, ask: GateAsk): GateAnswer {
  const quota = before ?? { live: 0 };
  const waiting = stillWaiting(quota, limits, ask);
  const { [ask.holder]: mine, ...others } = waiting;
  const nowMs = ask.now.getTime();
  if (mine && Date.parse(mine.at) > nowMs) {
    // A time that had to be cut is written down, or it would be cut again at every asking and never come.
    const isCut = mine.at !== quota.waiting?.[ask.holder]?.at;
    return { gate: 'wait', at: mine.at, ...(isCut ? { after: withWaiting(quota, waiting) } : {}) };
  }

  const room = limits.total - quota.live;
  const claimed = Object.keys(others).length;
  if (room <= 0 || (!mine && room <= claimed)) return { gate: 'full' };

  const turn = nextTurn(quota, waiting, limits, nowMs);
  const live = { ...quota, live: quota.live + 1 };
  if (mine?.isTurn === true) return { gate: 'in', after: withWaiting(live, others) };
  if (turn.startsAtMs <= nowMs)
    return { gate: 'in', after: withWaiting({ ...live, free: turn.freeAfter }, others) };
  const at = instant(new Date(turn.startsAtMs));
  if (!mine && claimed >= MOST_WAITING) return { gate: 'wait', at };
  const after = withWaiting(
    { ...quota, free: turn.freeAfter },
    { ...others, [ask.holder]: { at, isTurn: true } },
  );
  return { gate: 'wait', at, after };
}

/**
 * Takes a place in the line for the next room.
 *
 * @param soonest when the next lease ends, at the latest; absent where the room is only claimed by others, who take it or
 * lose it within their grace
 */
export function waitForRoom(
  before: LeaseQuota | undefined,
  limits: GateLimits,
  ask: GateAsk,
  soonest?: Instant,
): Extract<GateAnswer, { readonly gate: 'wait' }> {
  const quota = before ?? { live: 0 };
  const { [ask.holder]: _mine, ...others } = stillWaiting(quota, limits, ask);
  const nowMs = ask.now.getTime();
  const roomMs = soonest === undefined ? nowMs + GRACE_SECONDS * 1000 : Date.parse(soonest);
  const at = instant(new Date(Math.max(roomMs, nowMs + 1000)));
  if (Object.keys(others).length >= MOST_WAITING) return { gate: 'wait', at };
  return { gate: 'wait', at, after: withWaiting(quota, { ...others, [ask.holder]: { at, isTurn: false } }) };
}

/** A lease is over: there is room for one more. */
export const leaveGate = (quota: LeaseQuota, leases = 1): LeaseQuota => ({
  ...quota,
  live: Math.max(0, quota.live - leases),
});

type Waiting = Readonly<Record<string, LeaseTurn>>;

/** Those whose turn has not passed; none later than it can really be. */
function stillWaiting(
  { waiting = {} }: LeaseQuota,
  limits: GateLimits,
  { now, horizonSeconds }: GateAsk,
): Waiting {
  const nowMs = now.getTime();
  const kept = Object.entries(waiting).filter(([, { at }]) => Date.parse(at) + GRACE_SECONDS * 1000 >= nowMs);
  const latestTurn = nowMs + kept.length * spacingMs(limits);
  const latestRoom = nowMs + horizonSeconds * 1000;
  return Object.fromEntries(
    kept.map(([holder, { at, isTurn }]) => {
      const atMs = Math.min(Date.parse(at), isTurn ? latestTurn : latestRoom);
      return [holder, { at: instant(new Date(atMs)), isTurn }];
    }),
  );
}

/** The next turn that nobody has, and what is free once it is taken. */
function nextTurn(
  { free }: LeaseQuota,
  waiting: Waiting,
  limits: GateLimits,
  nowMs: number,
): { readonly startsAtMs: number; readonly freeAfter: Instant } {
  const spacing = spacingMs(limits);
  const burstMs = (burstOf(limits) - 1) * spacing;
  const booked = Object.values(waiting).filter(({ isTurn }) => isTurn).length;
  const furthest = nowMs + burstMs + (booked + 1) * spacing;
  const freeMs = free === undefined ? nowMs : Math.min(Math.max(Date.parse(free), nowMs), furthest);
  return { startsAtMs: freeMs - burstMs, freeAfter: instant(new Date(freeMs + spacing)) };
}

function withWaiting({ waiting: _before, ...quota }: LeaseQuota, waiting: Waiting): LeaseQuota {
  return Object.keys(waiting).length === 0 ? quota : { ...quota, waiting };
}
