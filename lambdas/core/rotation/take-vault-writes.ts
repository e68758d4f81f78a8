import { isLockstepError, LockstepError } from '../errors.ts';
import { create, replace, type Ledger, type LedgerRow } from '../ports/ledger.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Clock } from '../time.ts';
import { nextTurn, type WriteBudget, type WriteLane, type WriteWish } from './write-budget.ts';

/** What taking writes needs from outside. */
export interface WriteBudgetPorts {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Lockstep's share of the quota outside of breach mode. */
  readonly vaultWritesPerSecond: number;
}

/** Whoever finds the budget row written by another asks again: one of those at work wins each time. */
const ATTEMPTS = 6;

/** A turn that the ledger confirmed so late is over: others have had theirs since, and it must not be had beside them. */
const OVER_AFTER_MS = 1000;

/**
 * A start waits a few turns and then goes back to its queue, which knows better how to wait; so that the queue stays
 * empty for whoever is in a hurry.
 */
const START_PATIENCE_MS = 250;

/** What mends waits longer than any start, and so finds a turn before them. */
const MEND_PATIENCE_MS = 2000;

/** The longest that breach mode is held up, whatever the budget or the ledger says. */
const BREACH_PATIENCE_MS = 2000;

/**
 * Takes the writes of a rotation before it is started. Throws `NOT_YET` where there are none to be had now.
 *
 * Taken and not used (RotateSecret was refused, the process died): the budget is poorer by that, never richer.
 */
export const takeWritesOfStart = (ports: WriteBudgetPorts, writes: WriteWish['writes']): Promise<void> =>
  takeOrdinary(ports, writes, START_PATIENCE_MS);

/** Takes the writes of a mend, or of what Secrets Manager itself began. Throws `NOT_YET` where there are none for seconds. */
export const takeWritesOfMend = (ports: WriteBudgetPorts, writes: WriteWish['writes']): Promise<void> =>
  takeOrdinary(ports, writes, MEND_PATIENCE_MS);

/**
 * Takes the writes of a rotation in breach mode, from the whole quota. Never throws: a budget that is used up, contended
 * or not to be reached delays it by two seconds and no more, and AWS's own throttling has the last word.
 */
export async function takeWritesOfBreach(
  ports: WriteBudgetPorts,
  writes: WriteWish['writes'],
): Promise<void> {
  const turn = take(ports, writes, 'whole', BREACH_PATIENCE_MS).then(
    () => 'taken' as const,
    () => 'without' as const,
  );
  const patience = ports.sleep(BREACH_PATIENCE_MS).then(() => 'without' as const);
  count(ports, await Promise.race([turn, patience]), 'whole', writes);
}

async function takeOrdinary(
  ports: WriteBudgetPorts,
  writes: WriteWish['writes'],
  patienceMs: number,
): Promise<void> {
  try {
    await take(ports, writes, 'ordinary', patienceMs);
    count(ports, 'taken', 'ordinary', writes);
  } catch (error) {
    if (isLockstepError(error, 'NOT_YET')) count(ports, 'postponed', 'ordinary', writes);
    throw error;
  }
}

const count = (
  { metrics }: WriteBudgetPorts,
  outcome: 'taken' | 'postponed' | 'without',
  lane: WriteLane,
  writes: number,
): void => metrics.count('lockstep_vault_writes', { outcome, lane }, writes);

async function take(
  ports: WriteBudgetPorts,
  writes: WriteWish['writes'],
  lane: WriteLane,
  patienceMs: number,
): Promise<void> {
  const wish = { writes, lane, ordinaryPerSecond: ports.vaultWritesPerSecond };
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const row = await ports.ledger.read('budget', 'vault', 'writes');
    const turn = nextTurn(row?.body, wish, ports.clock());
    if (turn.waitMs > patienceMs) throw notYet(`the next turn is in ${turn.waitMs} ms`);
    if (!(await isTaken(ports.ledger, row, turn.after))) continue;
    const left = Date.parse(turn.startsAt) - ports.clock().getTime();
    if (left < -OVER_AFTER_MS) continue;
    // Never longer than was said: the clock may have been set back meanwhile.
    if (left > 0) await ports.sleep(Math.min(left, turn.waitMs));
    return;
  }
  throw notYet(`${ATTEMPTS} times somebody else was first`);
}

async function isTaken(
  ledger: Ledger,
  row: LedgerRow<'budget'> | undefined,
  after: WriteBudget,
): Promise<boolean> {
  const write = row ? replace(row, after) : create('budget', 'vault', 'writes', after);
  try {
    await ledger.commit([write]);
    return true;
  } catch (error) {
    // Also our own write whose answer was lost: what it took is lost with it.
    if (isLockstepError(error, 'LEDGER_CONFLICT')) return false;
    throw error;
  }
}

const notYet = (why: string): LockstepError =>
  new LockstepError(
    'NOT_YET',
    `Lockstep's share of writes to the vault is taken for now (${why}); it is tried again by itself`,
    { retryAfterSeconds: 1 },
  );
