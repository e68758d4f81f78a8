import { againPartition } from '../core/access/lease-pointers.ts';
import type { LedgerRow } from '../core/ports/ledger.ts';
import { instant, reached, secondsAfter, type Instant } from '../core/time.ts';
import type { Stay } from './claim-target.ts';
import { doesAnswer } from './does-answer.ts';
import { endBatch, ENDS_PER_COMMIT } from './end-batch.ts';
import { LONGEST_WAIT_SECONDS } from './postpone.ts';
import { isPast, BUDGET, type SweepPorts } from './sweep-ports.ts';

/** What a round at a target came to. */
export interface Drained {
  readonly ended: number;
  /** Whether it let anybody in; `undefined` where nothing was due. */
  readonly answered?: boolean;
  /** Whether something that is due was left for the next round. */
  readonly isLeft: boolean;
}

/** Of tries and time, what those that have not failed yet may use up: the rest is kept for those that have. */
const FIRST_SHARE = 0.75;

/** Pages of a lane that are looked through in one round. What waits there for its next attempt is passed over. */
const MOST_PAGES = 20;
const PAGE = 100;

/**
 * Ends what waits in the queue of a target, the dangerous ones first, as far as the budget goes; then what failed before,
 * by the time of its next attempt, for which a share is kept. So neither those that nobody can end nor those that keep
 * coming hold up the others. A target that lets nobody in is left alone.
 */
export async function drainTarget(ports: SweepPorts, target: string, stay: Stay): Promise<Drained> {
  const now = instant(ports.clock());
  const count = { tried: 0, ended: 0 };
  const left = new Map<string, boolean>();
  for (const lane of lanesOf(target, now)) {
    const limit = {
      tries: BUDGET.ends * lane.share,
      until: secondsAfter(now, BUDGET.seconds * lane.share),
    };
    const came = await drainLane({ ports, target, stay, count }, lane, limit);
    if (came === 'down') return { ended: count.ended, answered: false, isLeft: false };
    left.set(`${lane.partition} ${lane.after ?? ''}`, came === 'left');
  }
  return {
    ended: count.ended,
    ...(count.tried === 0 ? {} : { answered: true }),
    isLeft: [...left.values()].includes(true),
  };
}

interface Lane {
  readonly partition: string;
  readonly after?: string;
  readonly share: number;
}

/**
 * The third is empty, unless a clock was ahead when its rows were written: those lie behind everything that can wait. What
 * is left of the share that was kept belongs to those that wait for the first time.
 */
const lanesOf = (target: string, now: Instant): readonly Lane[] => [
  { partition: target, share: FIRST_SHARE },
  { partition: againPartition(target), share: 1 },
  { partition: againPartition(target), after: secondsAfter(now, LONGEST_WAIT_SECONDS), share: 1 },
  { partition: target, share: 1 },
];

interface Limit {
  readonly tries: number;
  readonly until: Instant;
}

interface Count {
  tried: number;
  ended: number;
}

interface Draining {
  readonly ports: SweepPorts;
  readonly target: string;
  readonly stay: Stay;
  readonly count: Count;
}

async function drainLane(
  { ports, target, stay, count }: Draining,
  { partition, after }: Lane,
  { tries, until }: Limit,
): Promise<'done' | 'left' | 'down'> {
  let behind = after;
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const rows = await ports.ledger.page('lease-ending', partition, {
      ...(behind === undefined ? {} : { after: behind }),
      limit: PAGE,
    });
    const due = rows.filter((row) => isDue(ports, row));
    for (let at = 0; at < due.length; at += ENDS_PER_COMMIT) {
      if (count.tried >= tries || reached(until, ports.clock())) return 'left';
      // Somebody else is at it: two would use up two budgets.
      if ((await stay()) === 'lost') return 'left';
      const batch = due.slice(at, at + ENDS_PER_COMMIT);
      const { ended, isDown } = await endBatch(ports, batch, async () => {
        await stay();
        return doesAnswer(ports, target);
      });
      count.tried += batch.length;
      count.ended += ended;
      if (isDown) return 'down';
    }
    behind = rows.at(-1)?.id;
    if (rows.length < PAGE) return 'done';
  }
  return 'left';
}

/** What was never tried does not wait, whatever clock wrote it down. */
const isDue = ({ clock }: SweepPorts, { body }: LedgerRow<'lease-ending'>): boolean =>
  body.attempts === 0 || isPast(body.notBefore, LONGEST_WAIT_SECONDS, clock);
