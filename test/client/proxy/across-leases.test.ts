import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { LockstepError } from '../../../lambdas/core/errors.ts';
import type { FakeClock } from '../../fakes/fake-clock.ts';
import { ask, askOver, begin, through } from '../doubles/a-client.ts';
import { keyOf } from '../doubles/a-proxy.ts';
import type { SeenRequest } from '../doubles/a-target.ts';
import { aSetting, closing } from '../doubles/closing.ts';

const keep = closing();

const keysSeen = (seen: readonly SeenRequest[]): readonly string[] =>
  seen.map(({ headers }) => (headers.authorization ?? '').replace('Bearer ', ''));

/** A target that takes keys until they are refused. */
async function aJudge(leasable = {}) {
  const refused = new Set<string>();
  const setting = await aSetting(keep, {
    answers: ({ headers }, response) =>
      response
        .writeHead(refused.has((headers.authorization ?? '').replace('Bearer ', '')) ? 401 : 200)
        .end('answered'),
    leasable,
  });
  const [held] = setting.granted.leases;
  if (!held) throw new TypeError('the pass has no lease');
  return { ...setting, held, refuse: (lease: string) => void refused.add(keyOf(lease)) };
}

describe('a credential that the target refuses', () => {
  it('is succeeded, and the same request is sent once more: the client sees the second answer alone', async () => {
    const { proxy, granted, target, held, refuse, broker } = await aJudge();
    const first = held.view.id;
    refuse(first);
    const got = await ask(proxy, granted, target, { method: 'POST', path: '/v1', body: 'the same' });
    expect(got).toMatchObject({ status: 200, body: 'answered' });
    const second = held.view.id;
    expect(second).not.toBe(first);
    expect(keysSeen(target.seen)).toEqual([keyOf(first), keyOf(second)]);
    expect(target.seen.map(({ body }) => body)).toEqual(['the same', 'the same']);
    expect(broker.live().map(({ id }) => id)).toEqual([second]);
  });

  it('is tried with one successor and no more: then the refusal is the answer', async () => {
    const { proxy, granted, target, broker } = await aSetting(keep, {
      answers: (_seen, response) => response.writeHead(401, { 'www-authenticate': 'Bearer' }).end('no'),
    });
    expect(await ask(proxy, granted, target)).toMatchObject({ status: 401, body: 'no' });
    expect(target.seen).toHaveLength(2);
    expect(await ask(proxy, granted, target)).toMatchObject({ status: 401 });
    // Another refusal within the half minute gets nobody another lease.
    expect(broker.asked.filter(({ ask: each }) => each === 'lease')).toHaveLength(2);
    expect(target.seen).toHaveLength(3);
  });

  it('is tried with one successor, also by a target that takes its time to refuse', async () => {
    const world: { clock?: FakeClock } = {};
    const { proxy, granted, target, clock } = await aSetting(keep, {
      answers: (_seen, response) =>
        void world.clock?.advance(31).then(() => response.writeHead(401).end('no')),
    });
    world.clock = clock;
    expect((await ask(proxy, granted, target)).status).toBe(401);
    expect(target.seen).toHaveLength(2);
  });

  it('is no reason to send twice what is here no more: the refusal is the answer', async () => {
    const { proxy, granted, target, held, refuse } = await aJudge();
    refuse(held.view.id);
    const body = Buffer.alloc(512 * 1024, 'x');
    expect(await ask(proxy, granted, target, { method: 'POST', body })).toMatchObject({ status: 401 });
    expect(target.seen).toHaveLength(1);
  });

  it('was taken, where the target answers 403: that is about what was asked', async () => {
    const { proxy, granted, target, broker } = await aSetting(keep, {
      answers: (_seen, response) => response.writeHead(403).end(),
    });
    expect((await ask(proxy, granted, target)).status).toBe(403);
    expect(target.seen).toHaveLength(1);
    expect(broker.asked).toHaveLength(1);
  });

  it('is asked about once by all who are refused at the same moment', async () => {
    const { proxy, granted, target, held, refuse, broker } = await aJudge();
    refuse(held.view.id);
    const all = Array.from({ length: 12 }, () => ask(proxy, granted, target));
    expect(new Set((await Promise.all(all)).map(({ status }) => status))).toEqual(new Set([200]));
    expect(broker.asked.filter(({ ask: each }) => each === 'lease')).toHaveLength(2);
  });
});

describe('a client that never stops', () => {
  it('sees no failure while its lease is succeeded again and again', async () => {
    const { proxy, granted, target, held, refuse, clock } = await aJudge({ longestSeconds: 900 });
    const tls = await through(proxy, granted, target);
    const statuses = new Set<number>();
    const used = new Set<string>();
    for (let round = 0; round < 40; round += 1) {
      const { status } = await askOver(tls, target, { headers: { connection: 'keep-alive' } });
      statuses.add(status);
      used.add(held.view.id);
      // Every fourth time the target has forgotten the key; the others it is time that passes.
      if (round % 4 === 3) refuse(held.view.id);
      await clock.advance(90);
    }
    expect(statuses).toEqual(new Set([200]));
    expect(used.size).toBeGreaterThan(5);
  });
});

describe('a lease that is gone', () => {
  it('is used for nothing, and nothing is used in its place', async () => {
    const { proxy, granted, target, broker, clock } = await aJudge();
    expect((await ask(proxy, granted, target)).status).toBe(200);
    // What is asked after this is refused: the lease runs out, and there is no other.
    const refusal = new LockstepError('POLICY_DENIED', 'policy says no');
    broker.next(...Array.from({ length: 50 }, () => refusal));
    await clock.advance(901);
    const got = await ask(proxy, granted, target);
    expect(got).toMatchObject({ status: 503, headers: { 'lockstep-proxy': 'LEASE_OVER' } });
    expect(target.seen).toHaveLength(1);
  });

  it('is gone too where the broker cannot be reached: an old one is never used', async () => {
    const { proxy, granted, target, broker, clock } = await aJudge();
    broker.next(...Array.from({ length: 2_000 }, () => 'away' as const));
    await clock.advance(899);
    expect((await ask(proxy, granted, target)).status).toBe(200);
    await clock.advance(2);
    expect(await ask(proxy, granted, target)).toMatchObject({
      status: 503,
      headers: { 'lockstep-proxy': 'LEASE_OVER' },
    });
    expect(target.seen).toHaveLength(1);
  });

  it('is gone when it was given back, on connections that are open too', async () => {
    const { proxy, granted, target, held } = await aJudge();
    const tls = await through(proxy, granted, target);
    const asks = { headers: { connection: 'keep-alive' } };
    expect((await askOver(tls, target, asks)).status).toBe(200);
    await held.release();
    expect((await askOver(tls, target, asks)).status).toBe(503);
    expect(target.seen).toHaveLength(1);
  });

  it('is used again when the broker gives another one', async () => {
    const { proxy, granted, target, broker, clock } = await aJudge();
    broker.next(...Array.from({ length: 2_000 }, () => 'away' as const));
    await clock.advance(901);
    expect((await ask(proxy, granted, target)).status).toBe(503);
    broker.isBack();
    await clock.advance(30);
    expect((await ask(proxy, granted, target)).status).toBe(200);
  });
});

describe('an answer that streams', () => {
  it('goes on by the lease that it began with, which is given back behind it', async () => {
    const open: ServerResponse[] = [];
    const { proxy, granted, target, broker } = await aSetting(keep, {
      answers: ({ url }, response) => {
        if (url === '/events') {
          response.writeHead(200).write('one');
          open.push(response);
        } else response.writeHead(url === '/refused' && target.seen.length === 2 ? 401 : 200).end();
      },
    });
    const [held] = granted.leases;
    const first = held?.view.id ?? '';
    const outgoing = begin(await through(proxy, granted, target), target, { path: '/events' });
    outgoing.end();
    const [response] = (await once(outgoing, 'response')) as [NodeJS.ReadableStream];
    expect(String(((await once(response, 'data')) as [Buffer])[0])).toBe('one');
    expect((await ask(proxy, granted, target, { path: '/refused' })).status).toBe(200);
    expect(broker.isLive(first)).toBe(true);
    // The last of it and its end may come at once.
    const ended = once(response, 'end');
    open[0]?.end('two');
    expect(String(((await once(response, 'data')) as [Buffer])[0])).toBe('two');
    await ended;
    await expect.poll(() => broker.isLive(first)).toBe(false);
    expect(broker.live().map(({ id }) => id)).toEqual([held?.view.id]);
  });
});
