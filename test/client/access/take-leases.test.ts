import { describe, expect, it } from 'vitest';
import type { AccessConnection } from '../../../client/access/access-connection.ts';
import { giveBack, takeLeases } from '../../../client/access/take-leases.ts';
import type { LeaseNews } from '../../../client/access/lease-order.ts';
import { LockstepError } from '../../../lambdas/core/errors.ts';
import { countedIds } from '../../fakes/counted-ids.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { MemoryBroker, type FakeLeasable } from '../../fakes/memory-broker.ts';

const MODELS: FakeLeasable = {
  defaultSeconds: 900,
  maximumSeconds: 3600,
  longestSeconds: 3600,
  egress: [],
  value: (lease) => ({ apiKey: `sk-of-${lease}` }),
  purposes: ['research'],
};

function aWorld() {
  const clock = new FakeClock();
  const broker = new MemoryBroker(clock.now, { models: MODELS, store: { ...MODELS, approvals: 2 } });
  const news: LeaseNews[] = [];
  const ports = {
    access: broker.connect('agent:research'),
    clock: clock.now,
    elapsed: clock.elapsed,
    pause: clock.sleep,
    newId: countedIds(),
    tell: (each: LeaseNews) => void news.push(each),
  };
  return { clock, broker, news, ports, stop: new AbortController() };
}

describe('leases that are taken together', () => {
  it('wait for people, and are all there when these have approved', async () => {
    const { clock, broker, news, ports, stop } = aWorld();
    const taking = takeLeases([{ leasable: 'models' }, { leasable: 'store' }], ports, stop.signal);
    await clock.advance(60);
    const waits = news.filter(({ what }) => what === 'waiting');
    // Said once, however often it is asked.
    expect(waits).toEqual([expect.objectContaining({ leasable: 'store', approval: 'approval-2' })]);
    broker.decide('approval-2', 'approved');
    await clock.advance(10);
    const leases = await taking;
    expect(leases.map(({ leasable }) => leasable)).toEqual(['models', 'store']);
    await giveBack(leases);
    expect(broker.live()).toEqual([]);
    broker.judge.assertClean();
  });

  it.each([
    ['said no', (broker: MemoryBroker) => broker.decide('approval-2', 'denied')],
    ['said nothing in time', () => undefined],
  ] as const)('are none where people have %s: the others are given back', async (_what, decide) => {
    const { clock, broker, ports, stop } = aWorld();
    const taking = takeLeases([{ leasable: 'models' }, { leasable: 'store' }], ports, stop.signal);
    const ended = taking.catch((error: unknown) => error);
    await clock.advance(60);
    decide(broker);
    await clock.advance(700);
    expect(await ended).toMatchObject({ code: 'APPROVAL_REFUSED' });
    expect(broker.live()).toEqual([]);
  });

  it('are none where somebody breaks off while they wait, or at the last moment', async () => {
    const { clock, broker, ports, stop } = aWorld();
    const taking = takeLeases([{ leasable: 'models' }, { leasable: 'store' }], ports, stop.signal);
    const ended = taking.catch((error: unknown) => error);
    await clock.advance(6);
    stop.abort();
    expect(await ended).toMatchObject({ code: 'NOT_CONFIRMED' });
    const late = new AbortController();
    const answering = { ...ports, tell: () => late.abort() };
    await expect(takeLeases([{ leasable: 'models' }], answering, late.signal)).rejects.toMatchObject({
      code: 'NOT_CONFIRMED',
    });
    expect(broker.live()).toEqual([]);
  });
});

describe('leases that are taken by the tokens of a file', () => {
  function byFile() {
    const world = aWorld();
    let tokens = 1;
    const access: AccessConnection = {
      ask: async (ask, asks) => {
        if (tokens === 0) throw new LockstepError('TOKEN_SPENT', 'the token is used up');
        tokens -= 1;
        return world.ports.access.ask(ask, asks);
      },
    };
    const ports = { ...world.ports, access };
    return { ...world, ports, write: () => void (tokens = 1), drop: () => void (tokens = 0) };
  }

  it('wait for a new one for each, and say so once', async () => {
    const { clock, broker, news, ports, stop, write } = byFile();
    const taking = takeLeases([{ leasable: 'models' }, { leasable: 'models' }], ports, stop.signal);
    await clock.advance(60);
    expect(news.filter(({ what }) => what === 'needs-token')).toEqual([
      { what: 'needs-token', leasable: 'models', why: 'the token is used up (TOKEN_SPENT)' },
    ]);
    write();
    await clock.advance(5);
    expect(await taking).toHaveLength(2);
    expect(broker.live()).toHaveLength(2);
  });

  it('wait no longer than what was taken before lasts', async () => {
    const { clock, ports, stop } = byFile();
    const taking = takeLeases([{ leasable: 'models' }, { leasable: 'models' }], ports, stop.signal);
    const ended = taking.catch((error: unknown) => error);
    await clock.advance(906);
    expect(await ended).toMatchObject({ code: 'TOKEN_SPENT' });
  });

  it('wait for people no longer than these may decide, though each time that these are asked after needs one', async () => {
    const { clock, broker, ports, stop, write } = byFile();
    const taking = takeLeases([{ leasable: 'store' }], ports, stop.signal);
    const ended = taking.catch((error: unknown) => error);
    await clock.advance(60);
    expect(broker.asked).toHaveLength(1);
    write();
    await clock.advance(5);
    expect(broker.asked).toHaveLength(2);
    await clock.advance(700);
    expect(await ended).toMatchObject({ code: 'APPROVAL_REFUSED' });
  });

  it('are none where there is no token from the start', async () => {
    const { ports, stop, drop } = byFile();
    drop();
    await expect(takeLeases([{ leasable: 'models' }], ports, stop.signal)).rejects.toMatchObject({
      code: 'TOKEN_SPENT',
    });
  });
});
