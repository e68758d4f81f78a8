import { afterEach, describe, expect, it } from 'vitest';
import type { AccessConnection } from '../../../client/access/access-connection.ts';
import { HeldLease } from '../../../client/access/held-lease.ts';
import type { LeaseNews } from '../../../client/access/lease-order.ts';
import { LockstepError } from '../../../lambdas/core/errors.ts';
import { countedIds } from '../../fakes/counted-ids.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { MemoryBroker } from '../../fakes/memory-broker.ts';
import { codeOf } from '../../ports/under-test.ts';

const MODELS = {
  defaultSeconds: 900,
  maximumSeconds: 3600,
  longestSeconds: 3600,
  egress: [],
  value: (lease: string) => ({ apiKey: `sk-of-${lease}` }),
  purposes: ['research'],
};

const open: HeldLease[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((held) => held.release()));
});

/** A world whose broker takes each token once, from a file that somebody may write anew. */
function aWorld() {
  const clock = new FakeClock();
  const broker = new MemoryBroker(clock.now, { models: MODELS });
  const reach = broker.connect('agent:research');
  const news: LeaseNews[] = [];
  let isFresh = true;
  const access: AccessConnection = {
    ask: async (ask, asks) => {
      if (!isFresh) throw new LockstepError('TOKEN_SPENT', 'the token is used up', { retryAfterSeconds: 5 });
      isFresh = false;
      return reach.ask(ask, asks);
    },
  };
  const ports = {
    access,
    clock: clock.now,
    elapsed: clock.elapsed,
    pause: clock.sleep,
    newId: countedIds(),
    tell: (each: LeaseNews) => void news.push(each),
  };
  const take = async (): Promise<HeldLease> => {
    const held = await HeldLease.take({ leasable: 'models' }, ports);
    if (!(held instanceof HeldLease)) throw new TypeError('the lease waits for an approval');
    open.push(held);
    return held;
  };
  const asks = (): readonly string[] => broker.asked.map(({ ask }) => ask);
  const said = (): readonly string[] => news.map(({ what }) => what);
  return { clock, broker, news, take, asks, said, write: () => void (isFresh = true) };
}

describe('a lease that is held by the tokens of a file', () => {
  it('is extended as soon as there is a new one, and that it waits is said once', async () => {
    const { clock, take, asks, news, said, write } = aWorld();
    const held = await take();
    await clock.advance(600 + 120);
    expect(asks()).toEqual(['lease']);
    expect(news.at(-1)).toEqual({
      what: 'needs-token',
      leasable: 'models',
      why: 'the token is used up (TOKEN_SPENT)',
      until: held.view.expiresAt,
    });
    expect(said()).toEqual(['issued', 'needs-token']);
    write();
    await clock.advance(5);
    expect(asks()).toEqual(['lease', 'renew']);
    // The next time is another story, and told again.
    await clock.advance(600);
    expect(said()).toEqual(['issued', 'needs-token', 'renewed', 'needs-token']);
  });

  it('is over at its end where there is none; one that comes later is spent on another lease, and on nothing else', async () => {
    const { clock, broker, take, asks, write } = aWorld();
    const held = await take();
    const first = held.view.id;
    await clock.advance(901);
    expect(held.isOver).toBe(true);
    expect(await codeOf(held.use(async () => 'used'))).toBe('LEASE_OVER');
    write();
    await clock.advance(5);
    expect(asks()).toEqual(['lease', 'lease']);
    expect([held.isOver, held.view.id === first]).toEqual([false, false]);
    expect(broker.live()).toHaveLength(1);
  });

  it('leaves the next one to what is still held', async () => {
    const { clock, broker, take, asks, write } = aWorld();
    const held = await take();
    let finish = (): void => undefined;
    const using = held.use(() => new Promise<void>((resolve) => (finish = resolve)));
    write();
    // Its target refuses it: another takes its place, and the first is given back after its last use, three seconds later.
    expect(await held.succeedRefused(held.view.id)).toBe(true);
    await clock.advance(3);
    finish();
    await using;
    await clock.advance(603);
    expect(asks()).toEqual(['lease', 'lease']);
    // Whoever gives back looks first, and leaves it.
    write();
    await clock.advance(2);
    expect(asks()).toEqual(['lease', 'lease']);
    await clock.advance(2);
    expect(asks()).toEqual(['lease', 'lease', 'renew']);
    write();
    await clock.advance(5);
    expect(asks()).toEqual(['lease', 'lease', 'renew', 'release']);
    expect(broker.live().map(({ id }) => id)).toEqual([held.view.id]);
  });
});

describe('a lease that was held by the tokens of a file', () => {
  it('is not given back at the end of a program without one, and says when it ends by itself', async () => {
    const { clock, broker, take, asks, news, write } = aWorld();
    const held = await take();
    await held.release();
    expect(news.at(-1)).toEqual({
      what: 'not-given-back',
      leasable: 'models',
      lease: held.view.id,
      why: 'the token is used up (TOKEN_SPENT)',
      until: held.view.expiresAt,
    });
    // Nobody is there any more to try again.
    write();
    await clock.advance(600);
    expect(asks()).toEqual(['lease']);
    expect(broker.live()).toHaveLength(1);
  });

  it('is given back later by a process that goes on', async () => {
    const { clock, broker, take, asks, said, write } = aWorld();
    const held = await take();
    await held.release(new AbortController().signal);
    await clock.advance(60);
    expect(asks()).toEqual(['lease']);
    write();
    await clock.advance(5);
    expect(asks()).toEqual(['lease', 'release']);
    expect(broker.live()).toEqual([]);
    write();
    await clock.advance(900);
    expect(asks()).toEqual(['lease', 'release']);
    expect(said()).toEqual(['issued', 'not-given-back']);
  });

  it.each(['its end', 'the end of the process'])('is tried to be given back until %s', async (end) => {
    const { clock, take, asks, write } = aWorld();
    const held = await take();
    const leaving = new AbortController();
    await held.release(leaving.signal);
    if (end === 'its end') await clock.advance(901);
    else leaving.abort();
    write();
    await clock.advance(900);
    expect(asks()).toEqual(['lease']);
  });
});
