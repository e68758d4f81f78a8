import type { LedgerRow } from '../core/ports/ledger.ts';
import { reached, secondsAfter, instant } from '../core/time.ts';
import { endBatch, ENDS_PER_COMMIT } from './end-batch.ts';
import { BUDGET, type SweepPorts } from './sweep-ports.ts';

/** What a round at a target came to. */
export interface Drained {
  readonly ended: number;
  /** Whether it answered; `undefined` where nothing was due. */
  readonly answered?: boolean;
  /** Whether something that is due was left for the next round. */
  readonly isLeft: boolean;
}

/** So many leases in a row that get no answer, and none that does: then the target is down, and is left alone. */
const DOWN_AFTER = 3;

/** Pages of the queue that are looked through in one round: what waits for its next attempt is passed over. */
const MOST_PAGES = 20;
const PAGE = 100;

/**
 * Ends what waits in the queue of a target, the dangerous ones first, as far as the budget goes. A lease that fails is
 * put off by itself and holds up no other; a target that answers nobody is left alone.
 */
export async function drainTarget(ports: SweepPorts, target: string): Promise<Drained> {
  const until = secondsAfter(instant(ports.clock()), BUDGET.seconds);
  const count = { ended: 0, failed: 0, unanswered: 0 };
  let after: string | undefined;
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const rows = await ports.ledger.page('lease-ending', target, {
      ...(after === undefined ? {} : { after }),
      limit: PAGE,
    });
    const due = rows.filter(({ body }) => reached(body.notBefore, ports.clock()));
    for (let at = 0; at < due.length; at += ENDS_PER_COMMIT) {
      const isSpent = count.ended + count.failed >= BUDGET.ends || reached(until, ports.clock());
      if (isSpent) return { ...said(count), isLeft: true };
      await tally(ports, due.slice(at, at + ENDS_PER_COMMIT), count);
      if (isDown(count)) return { ended: 0, answered: false, isLeft: false };
    }
    after = rows.at(-1)?.id;
    if (rows.length < PAGE) return { ...said(count), isLeft: false };
  }
  return { ...said(count), isLeft: true };
}

interface Count {
  ended: number;
  failed: number;
  unanswered: number;
}

async function tally(
  ports: SweepPorts,
  batch: readonly LedgerRow<'lease-ending'>[],
  count: Count,
): Promise<void> {
  const { ended, failed, unanswered } = await endBatch(ports, batch);
  count.ended += ended;
  count.failed += failed;
  count.unanswered += unanswered;
}

/** Nobody got an answer, and not by one lease's own fault. */
const isDown = ({ ended, failed, unanswered }: Count): boolean =>
  ended === 0 && failed === unanswered && unanswered >= DOWN_AFTER;

/** A refusal is an answer; of a few that got none, nobody can say whether it was the target. */
const said = ({ ended, failed, unanswered }: Count): Omit<Drained, 'isLeft'> => ({
  ended,
  ...(ended + failed - unanswered === 0 ? {} : { answered: true }),
});
