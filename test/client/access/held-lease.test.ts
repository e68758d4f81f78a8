import { afterEach, describe, expect, it } from 'vitest';
import { HeldLease } from '../../../client/access/held-lease.ts';
import type { LeaseNews, LeaseOrder } from '../../../client/access/lease-order.ts';
import { LockstepError } from '../../../lambdas/core/errors.ts';
import { countedIds } from '../../fakes/counted-ids.ts';
import { FakeClock, quiet } from '../../fakes/fake-clock.ts';
import { MemoryBroker, type FakeLeasable } from '../../fakes/memory-broker.ts';
import { codeOf } from '../../ports/under-test.ts';

const MODELS: FakeLeasable = {
  defaultSeconds: 900,
  maximumSeconds: 3600,
  longestSeconds: 3600,
  egress: [],
  value: (lease) => ({ apiKey: `sk-of-${lease}` }),
  purposes: ['research'],
};

/** The ids of the first two requests. */
const ids = countedIds();
const [FIRST, SECOND] = [ids(), ids()];

const open: HeldLease[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((held) => held.release().catch(() => undefined)));
});

function aWorld(change: Partial<FakeLeasable> = {}) {
  const clock = new FakeClock();
  const broker = new MemoryBroker(clock.now, { models: { ...MODELS, ...change } });
  const news: LeaseNews[] = [];
  const ports = {
    access: broker.connect('agent:research'),
    clock: clock.now,
    elapsed: clock.elapsed,
    pause: clock.sleep,
    newId: countedIds(),
    tell: (each: LeaseNews) => void news.push(each),
  };
  const take = async (order: Partial<LeaseOrder> = {}): Promise<HeldLease> => {
    const held = await HeldLease.take({ leasable: 'models', ...order }, ports);
    if (!(held instanceof HeldLease)) throw new TypeError('the lease waits for an approval');
    open.push(held);
    return held;
  };
  const asks = (): readonly string[] => broker.asked.map(({ ask }) => ask);
  return { clock, broker, news, ports, take, asks };
}

const idOf = (held: HeldLease): Promise<string> => held.use(async ({ id }) => id);

describe('a lease that is held', () => {
  it('is renewed while time is left, as long as it may be, and its value stays the same', async () => {
    const { clock, broker, take, asks } = aWorld();
    const held = await take();
    const first = await idOf(held);
    await clock.advance(599);
    expect(asks()).toEqual(['lease']);
    await clock.advance(2);
    expect(asks()).toEqual(['lease', 'renew']);
    await clock.advance(1800);
    expect(await idOf(held)).toBe(first);
    expect(broker.isLive(first)).toBe(true);
  });

  it('is succeeded by another before the longest time is over, and the old one is given back', async () => {
    const { clock, broker, take } = aWorld();
    const held = await take();
    const first = await idOf(held);
    for (let minute = 0; minute < 120; minute += 1) {
      await clock.advance(60);
      expect(broker.isLive(await idOf(held))).toBe(true);
    }
    expect(await idOf(held)).not.toBe(first);
    expect(broker.live().map(({ id }) => id)).toEqual([await idOf(held)]);
    broker.judge.assertClean();
  });

  it('keeps the old lease for those who use it, and gives it back after the last', async () => {
    const { broker, take } = aWorld();
    const held = await take();
    let finish = (): void => undefined;
    const using = held.use(async ({ id }) => {
      await new Promise<void>((resolve) => (finish = resolve));
      return id;
    });
    await quiet();
    const first = held.view.id;
    expect(await held.succeedRefused(first)).toBe(true);
    await quiet();
    expect(broker.isLive(first)).toBe(true);
    finish();
    expect(await using).toBe(first);
    await quiet();
    expect(broker.isLive(first)).toBe(false);
  });
});

describe('the end of a lease that is held', () => {
  it('is given back when it is needed no more, and every later use is refused', async () => {
    const { clock, broker, take } = aWorld();
    const held = await take();
    await held.release();
    await held.release();
    expect(broker.live()).toEqual([]);
    expect(await codeOf(held.use(async () => 'used'))).toBe('LEASE_OVER');
    await clock.advance(10_000);
    expect(broker.asked.map(({ ask }) => ask)).toEqual(['lease', 'release']);
  });

  it('is not asked for with the approval or the broken glass of the one before', async () => {
    const { broker, take } = aWorld();
    const held = await take({ breakGlass: 'the pager is down', purpose: 'research', ttlSeconds: 600 });
    await held.succeedRefused(held.view.id);
    expect(broker.asked.filter(({ ask }) => ask === 'lease')).toMatchObject([
      { requestId: FIRST, breakGlass: 'the pager is down' },
      { requestId: SECOND, leasable: 'models', purpose: 'research', ttlSeconds: 600 },
    ]);
    expect(broker.asked[1]).not.toHaveProperty('breakGlass');
  });
});

describe('a broker that cannot be reached', () => {
  it('is asked again with growing waits, and the lease lives on', async () => {
    const { clock, broker, take, news } = aWorld();
    const held = await take();
    const first = await idOf(held);
    broker.next('away', 'away', 'lose-answer');
    await clock.advance(600 + 1 + 2 + 4);
    expect(broker.asked.map(({ ask }) => ask)).toEqual(['lease', 'renew', 'renew', 'renew', 'renew']);
    expect(await idOf(held)).toBe(first);
    expect(news.map(({ what }) => what)).toEqual([
      'issued',
      'unreachable',
      'unreachable',
      'unreachable',
      'renewed',
    ]);
  });

  it('for want of a token that a command prints is another story that passes', async () => {
    const { clock, broker, take, news } = aWorld();
    await take();
    const none = new LockstepError('NO_TOKEN', 'the token command x ended with code 1');
    broker.next(none, none);
    await clock.advance(600 + 1 + 2);
    expect(news.map(({ what }) => what)).toEqual(['issued', 'unreachable', 'unreachable', 'renewed']);
  });

  it('means that nothing is used once the lease is over', async () => {
    const { clock, broker, take } = aWorld();
    const held = await take();
    broker.next(...Array.from({ length: 100 }, () => 'away' as const));
    await clock.advance(899);
    expect(held.isOver).toBe(false);
    await clock.advance(1);
    expect(held.isOver).toBe(true);
    expect(await codeOf(held.use(async () => 'used'))).toBe('LEASE_OVER');
  });

  it('is found again by whoever wants to use the lease, or by waiting', async () => {
    const { clock, broker, take } = aWorld();
    const held = await take();
    broker.next(...Array.from({ length: 16 }, () => 'away' as const));
    await clock.advance(1100);
    expect(held.isOver).toBe(false);
    expect(broker.isLive(await idOf(held))).toBe(true);
  });
});

describe('what the broker answers, or would have', () => {
  it('may be to wait, and is waited for', async () => {
    const { clock, broker, take, asks } = aWorld();
    await take();
    const busy = (retryAfterSeconds: number): LockstepError =>
      new LockstepError('LEDGER_UNAVAILABLE', 'busy', { retryAfterSeconds });
    broker.next(busy(90), busy(0));
    await clock.advance(600 + 89);
    expect(asks()).toEqual(['lease', 'renew']);
    await clock.advance(1);
    expect(asks()).toEqual(['lease', 'renew', 'renew']);
    await clock.advance(0.9);
    expect(asks()).toEqual(['lease', 'renew', 'renew']);
    await clock.advance(0.1);
    expect(asks()).toHaveLength(4);
  });

  it('is lost: the next request is another one, since under the old one nobody gets the value', async () => {
    const { broker, take } = aWorld();
    const held = await take();
    broker.next('lose-answer');
    expect(await held.succeedRefused(held.view.id)).toBe(false);
    expect(broker.asked.map((ask) => ('requestId' in ask ? ask.requestId : ask.ask))).toEqual([
      FIRST,
      SECOND,
    ]);
    broker.judge.assertClean();
  });
});

describe('a lease that is ended by others', () => {
  it('has a successor when it cannot be renewed, if policy gives one', async () => {
    const { clock, broker, take } = aWorld();
    const held = await take();
    const first = await idOf(held);
    broker.revoke(first);
    await clock.advance(601);
    expect(await idOf(held)).not.toBe(first);
  });

  it('has none when policy gives none; the broker is not asked for ever, only by whoever wants to use it', async () => {
    const { clock, broker, take, news } = aWorld();
    const held = await take();
    const denied = (): LockstepError => new LockstepError('POLICY_DENIED', 'no policy allows it');
    broker.next(denied(), denied(), denied(), denied());
    await clock.advance(10_000);
    expect(broker.asked.map(({ ask }) => ask)).toEqual(['lease', 'renew', 'lease']);
    expect(news.at(-1)).toMatchObject({ what: 'refused', why: 'no policy allows it (POLICY_DENIED)' });
    for (let use = 0; use < 5; use += 1)
      expect(await codeOf(held.use(async () => 'used'))).toBe('LEASE_OVER');
    expect(broker.asked).toHaveLength(4);
    await clock.advance(10);
    expect(await codeOf(held.use(async () => 'used'))).toBe('LEASE_OVER');
    expect(broker.asked).toHaveLength(5);
    await clock.advance(10);
    expect(broker.isLive(await idOf(held))).toBe(true);
    await clock.advance(3000);
    expect(broker.isLive(await idOf(held))).toBe(true);
  });

  it('is succeeded at once when the target refuses it, once for all who were refused, and once in half a minute', async () => {
    const { clock, broker, take } = aWorld();
    const held = await take();
    const first = held.view.id;
    broker.revoke(first);
    expect(await Promise.all([1, 2, 3].map(() => held.succeedRefused(first)))).toEqual([true, true, true]);
    const second = held.view.id;
    expect(second).not.toBe(first);
    expect(await held.succeedRefused(first)).toBe(true);
    expect(held.view.id).toBe(second);
    expect(await held.succeedRefused(second)).toBe(false);
    await clock.advance(30);
    expect(await held.succeedRefused(second)).toBe(true);
    expect(broker.asked.filter(({ ask }) => ask === 'lease')).toHaveLength(3);
  });
});

describe('a lease that needs people', () => {
  it('waits for them at first, under one request, and is handed over when they have approved', async () => {
    const { broker, ports } = aWorld({ approvals: 1 });
    const waiting = await HeldLease.take({ leasable: 'models' }, ports);
    if (waiting instanceof HeldLease) throw new TypeError('nobody had to approve');
    expect(await HeldLease.take({ leasable: 'models' }, ports, waiting)).toMatchObject({
      approval: waiting.approval,
    });
    broker.decide(waiting.approval, 'approved');
    const held = await HeldLease.take({ leasable: 'models' }, ports, waiting);
    if (!(held instanceof HeldLease)) throw new TypeError('still waiting');
    open.push(held);
    expect(broker.isLive(await idOf(held))).toBe(true);
    broker.judge.assertClean();
  });

  it('asks for the next approval in time, and goes over when they approve', async () => {
    const { clock, broker, ports, news } = aWorld({ approvals: 1, longestSeconds: 900 });
    const first = await HeldLease.take({ leasable: 'models' }, ports);
    if (first instanceof HeldLease) throw new TypeError('nobody had to approve');
    broker.decide(first.approval, 'approved');
    const held = await HeldLease.take({ leasable: 'models' }, ports, first);
    if (!(held instanceof HeldLease)) throw new TypeError('still waiting');
    open.push(held);
    const old = held.view.id;
    await clock.advance(620);
    const waits = news.find(({ what }) => what === 'waiting');
    expect(held.view.id).toBe(old);
    broker.decide(waits?.what === 'waiting' ? waits.approval : '', 'approved');
    await clock.advance(5);
    expect(held.view.id).not.toBe(old);
    broker.judge.assertClean();
  });

  it('is over when they deny, and asks anew only for whoever wants to use it', async () => {
    const { clock, broker, ports } = aWorld({ approvals: 1, longestSeconds: 900 });
    const first = await HeldLease.take({ leasable: 'models' }, ports);
    if (first instanceof HeldLease) throw new TypeError('nobody had to approve');
    broker.decide(first.approval, 'approved');
    const held = await HeldLease.take({ leasable: 'models' }, ports, first);
    if (!(held instanceof HeldLease)) throw new TypeError('still waiting');
    open.push(held);
    await clock.advance(610);
    broker.decide('approval-2', 'denied');
    await clock.advance(400);
    const before = broker.asked.length;
    await clock.advance(400);
    expect(broker.asked).toHaveLength(before);
    expect(await codeOf(held.use(async () => 'used'))).toBe('LEASE_OVER');
    expect(broker.asked.at(-1)).toMatchObject({ ask: 'lease' });
    expect(broker.asked.at(-1)).not.toHaveProperty('approval');
  });
});

describe('the clock of this machine', () => {
  it.each([
    ['set forwards', 1200],
    ['set backwards', -86_400],
  ])('may be %s: a lease is never used for longer than the broker gave it', async (_how, seconds) => {
    const { clock, broker, take } = aWorld();
    const held = await take();
    // The broker of this test shares the clock, so it is asked for nothing any more.
    broker.next(...Array.from({ length: 100 }, () => 'away' as const));
    clock.jump(seconds);
    await clock.advance(899);
    expect(held.isOver).toBe(seconds > 0);
    await clock.advance(1);
    expect(held.isOver).toBe(true);
  });

  it('may be wrong from the start', async () => {
    const { clock, broker, ports } = aWorld();
    const held = await HeldLease.take(
      { leasable: 'models' },
      { ...ports, clock: () => new Date(clock.now().getTime() - 7 * 86_400_000) },
    );
    if (!(held instanceof HeldLease)) throw new TypeError('the lease waits for an approval');
    open.push(held);
    broker.next(...Array.from({ length: 100 }, () => 'away' as const));
    await clock.advance(899);
    expect(held.isOver).toBe(false);
    await clock.advance(1);
    expect(held.isOver).toBe(true);
  });
});
