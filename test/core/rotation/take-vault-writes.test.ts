import { beforeEach, describe, expect, it } from 'vitest';
import { isLockstepError, LockstepError } from '../../../lambdas/core/errors.ts';
import { create, type Ledger } from '../../../lambdas/core/ports/ledger.ts';
import {
  takeWritesOfBreach,
  takeWritesOfMend,
  takeWritesOfStart,
  type WriteBudgetPorts,
} from '../../../lambdas/core/rotation/take-vault-writes.ts';
import { VAULT_WRITES_PER_SECOND, VAULT_WRITES_QUOTA } from '../../../lambdas/core/rotation/write-budget.ts';
import { backoffSeconds, DELIVERY_RETRIES } from '../../../lambdas/core/propagation/backoff.ts';
import { seededRandom } from '../../fakes/counted-ids.ts';
import { CountingMetrics } from '../../fakes/counting-metrics.ts';
import { FakeClock, quiet } from '../../fakes/fake-clock.ts';
import { MemoryLedger } from '../../fakes/memory-ledger.ts';
import { codeOf } from '../../ports/under-test.ts';

type Take = typeof takeWritesOfStart;

let clock: FakeClock;
let ledger: MemoryLedger;
let metrics: CountingMetrics;
/** When writes were allowed, by the time that really passed. */
let taken: number[];

beforeEach(() => {
  clock = new FakeClock();
  ledger = new MemoryLedger();
  metrics = new CountingMetrics();
  taken = [];
});

const portsOver = (over: Ledger): WriteBudgetPorts => ({
  ledger: over,
  clock: clock.now,
  metrics,
  sleep: (milliseconds) => clock.sleep(milliseconds),
  vaultWritesPerSecond: VAULT_WRITES_PER_SECOND,
});

/** A ledger of which some calls behave otherwise. */
const ledgerWith = (otherwise: Partial<Ledger>): Ledger => ({
  read: (family, credential, id) => ledger.read(family, credential, id),
  list: (family, credential) => ledger.list(family, credential),
  page: (family, credential, page) => ledger.page(family, credential, page),
  commit: (writes) => ledger.commit(writes),
  ...otherwise,
});

const taking = async (take: Take, over: Ledger = ledger): Promise<void> => {
  await take(portsOver(over), 2);
  taken.push(clock.now().getTime());
};

/** Delivers what a queue holds, to so many at once; what is told to come back does so as `eachRecord` has it hidden. */
async function workOff(deliveries: number, atOnce: number, take: Take): Promise<void> {
  const random = seededRandom(7);
  const queue = Array.from({ length: deliveries }, () => ({ due: 0, attempts: 0 }));
  const handle = async (delivery: { due: number; attempts: number }): Promise<void> => {
    try {
      await taking(take);
    } catch (error) {
      if (!isLockstepError(error, 'NOT_YET')) throw error;
      const attempts = delivery.attempts + 1;
      if (attempts >= DELIVERY_RETRIES.maxAttempts)
        throw new RangeError('a start became a dead letter', { cause: error });
      const hidden = backoffSeconds(DELIVERY_RETRIES, attempts, random(), error.retryAfterSeconds);
      queue.push({ due: clock.now().getTime() + 1000 * hidden, attempts });
    }
  };
  const worker = async (): Promise<void> => {
    for (let isOver = false; !isOver; isOver = queue.length === 0) {
      await clock.sleep(20);
      const next = queue.findIndex(({ due }) => due <= clock.now().getTime());
      const [delivery] = next < 0 ? [] : queue.splice(next, 1);
      if (delivery) await handle(delivery);
    }
  };
  const work = Promise.all(Array.from({ length: atOnce }, worker));
  await clock.advance(deliveries);
  await work;
}

const mostInASecond = (): number =>
  Math.max(...taken.map((at) => 2 * taken.filter((each) => each >= at && each < at + 1000).length));

describe('a storm of starts', () => {
  it('goes through at the pace of the budget, in every second, and all of it', async () => {
    await workOff(100, 10, takeWritesOfStart);
    expect(taken).toHaveLength(100);
    expect(mostInASecond()).toBeLessThanOrEqual(VAULT_WRITES_PER_SECOND);
    expect(metrics.total('lockstep_vault_writes', { outcome: 'taken', lane: 'ordinary' })).toBe(200);
    expect(metrics.total('lockstep_vault_writes', { outcome: 'postponed' })).toBeGreaterThan(0);
  });

  it('leaves turns to mends and to a breach', async () => {
    const storm = workOff(60, 10, takeWritesOfStart);
    await clock.advance(0);
    const mend = taking(takeWritesOfMend);
    const breach = taking(takeWritesOfBreach);
    await storm;
    await Promise.all([mend, breach]);
    expect(metrics.total('lockstep_vault_writes', { outcome: 'taken', lane: 'whole' })).toBe(2);
    expect(mostInASecond()).toBeLessThanOrEqual(VAULT_WRITES_QUOTA);
  });
});

describe('taking writes', () => {
  it('costs one read and one write of the ledger', async () => {
    const calls: string[] = [];
    const counted = ledgerWith({
      read: (...given) => (calls.push('read'), ledger.read(...given)),
      commit: (...given) => (calls.push('commit'), ledger.commit(...given)),
    });
    await taking(takeWritesOfStart, counted);
    expect(calls).toEqual(['read', 'commit']);
  });

  it('is put off where the next turn is far, without a write, and says when to come back', async () => {
    const soon = new Date(clock.now().getTime() + 3000).toISOString();
    const over = ledgerWith({
      read: async () =>
        ({ revision: 1, body: { ordinaryFrom: soon, wholeFrom: soon } }) as unknown as undefined,
      commit: async () => expect.fail('nothing is taken'),
    });
    for (const take of [takeWritesOfStart, takeWritesOfMend])
      await expect(taking(take, over)).rejects.toMatchObject({ code: 'NOT_YET', retryAfterSeconds: 1 });
  });

  it('takes another turn where the ledger confirmed the first one only when it was over', async () => {
    let commits = 0;
    const slow = ledgerWith({
      commit: async (writes) => {
        await ledger.commit(writes);
        if ((commits += 1) === 1) await clock.sleep(1500);
      },
    });
    const done = taking(takeWritesOfStart, slow);
    await clock.advance(2);
    await done;
    expect(commits).toBe(2);
  });

  it('does not wait longer than it meant to where the clock is set back meanwhile', async () => {
    await taking(takeWritesOfStart);
    const setBack = ledgerWith({
      commit: async (writes) => {
        await ledger.commit(writes);
        clock.jump(-3600);
      },
    });
    let isDone = false;
    void taking(takeWritesOfStart, setBack).then(() => (isDone = true));
    await clock.advance(0.25);
    expect(isDone).toBe(true);
  });
});

it('lets a breach have what ordinary rotations must leave to applications', async () => {
  const now = clock.now();
  const later = new Date(now.getTime() + 9000);
  const body = { ordinaryFrom: later.toISOString(), wholeFrom: now.toISOString() };
  await ledger.commit([create('budget', 'vault', 'writes', body)]);
  expect(await codeOf(taking(takeWritesOfMend))).toBe('NOT_YET');
  await taking(takeWritesOfBreach);
  expect(taken).toEqual([now.getTime()]);
  expect(metrics.total('lockstep_vault_writes', { outcome: 'taken', lane: 'whole' })).toBe(2);
});

describe('a ledger in trouble', () => {
  const contended = ledgerWith({
    read: (...given) => ledger.read(...given),
    commit: async () => {
      throw new LockstepError('LEDGER_CONFLICT', 'somebody else was first');
    },
  });
  const away = ledgerWith({
    read: async () => {
      throw new LockstepError('LEDGER_UNAVAILABLE', 'no answer');
    },
  });
  const silent = ledgerWith({ read: () => new Promise(() => undefined) });

  it('puts starts and mends off', async () => {
    expect(await codeOf(taking(takeWritesOfStart, contended))).toBe('NOT_YET');
    expect(await codeOf(taking(takeWritesOfMend, away))).toBe('LEDGER_UNAVAILABLE');
  });

  it.each([
    ['is contended', contended],
    ['is away', away],
    ['never answers', silent],
  ])('never stops a breach: where it %s', async (_what, over) => {
    let isDone = false;
    void taking(takeWritesOfBreach, over).then(() => (isDone = true));
    await clock.advance(2);
    await quiet();
    expect(isDone).toBe(true);
    expect(metrics.total('lockstep_vault_writes', { outcome: 'without', lane: 'whole' })).toBe(2);
  });
});
