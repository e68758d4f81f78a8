import { describe, expect, it } from 'vitest';
import { credentialOf } from '../../lambdas/core/events.ts';
import type { Order } from '../../lambdas/contracts/orders.ts';
import { assertOwnPermission } from '../../lambdas/operate/own-permission.ts';
import { isLockstepError } from '../../lambdas/core/errors.ts';
import { TIMES } from '../simulation/cast.ts';
import {
  aWorld,
  aWorldOf,
  currentOf,
  expectClean,
  lastRotation,
  rotate,
  standingAt,
  until,
  untilSo,
  works,
} from '../simulation/stage.ts';
import type { World } from '../simulation/world.ts';

const decisions = (world: World, action: string) =>
  world.stores.audit.entries().filter((entry) => entry.type === 'decision' && entry.action === action);
const force = (...dependents: readonly string[]): Order => ({
  order: 'force',
  credential: 'hook',
  dependents,
  reason: 'it is gone',
});
const hold = { order: 'hold', credential: 'hook', reason: 'release day' } as const;
const breach = { order: 'revoke-breach', credential: 'store', reason: 'seen in a log' } as const;
const release = { order: 'release', credential: 'hook', reason: 'it is over' } as const;

describe('an order', () => {
  it.each([
    { order: 'rotate', credential: 'hook', reason: ' ' },
    { order: 'hold', credential: 'hook', reason: '' },
    { order: 'release', credential: 'hook', reason: '\t' },
    { order: 'redrive', reason: '' },
  ] as const)('without a reason is refused, and leaves nothing in the audit: $order', async (order) => {
    const world = await aWorldOf('hook', 'silent');
    const before = world.stores.audit.entries().length;
    expect(await world.order(order)).toMatch(/^MALFORMED_REQUEST/);
    expect(world.stores.audit.entries()).toHaveLength(before);
  });

  it('is in the audit with who gave it and why', async () => {
    const world = await aWorldOf('hook', 'silent');
    await world.order(hold);
    expect(decisions(world, 'hold')).toMatchObject([
      {
        chain: 'hook',
        who: { kind: 'operator', name: 'an operator', via: 'operate' },
        why: { cause: 'operator', reason: 'release day' },
      },
    ]);
  });
});

describe('a hold', () => {
  it('keeps rotations from beginning, versions from being stopped, and lets adoption go on', async () => {
    const world = await aWorldOf('hook', 'prompt');
    await rotate(world, 'hook');
    await until(world, 'hook', ['adopting', 'adopted'], 1);
    const { predecessor } = lastRotation(world, 'hook');
    await world.order(hold);

    await world.pass(TIMES.drain + TIMES.soak + 600);

    expect(lastRotation(world, 'hook').phase).toBe('adopted');
    expect(works(world, 'hook', predecessor?.version)).toBe(true);
    expect(await world.order({ order: 'rotate', credential: 'hook', reason: 'now' })).toMatch(/^HELD/);
    await world.order(release);
    await until(world, 'hook', ['retired']);
    expectClean(world);
  });

  it('is replaced by the next one, whose answer says whose it was', async () => {
    const world = await aWorldOf('hook', 'prompt');
    await world.order(hold);
    const answer = await world.order({ ...hold, reason: 'longer' });
    expect(answer).toMatchObject({ said: expect.stringContaining('release day') as string });
    expect(world.stores.ledger.rows('credential')[0]?.body.hold?.reason).toBe('longer');
  });

  it('of nobody is released without a fuss', async () => {
    const world = await aWorldOf('hook', 'prompt');
    expect(await world.order(release)).toMatchObject({ facts: { released: false } });
  });
});

describe('force', () => {
  it('counts whom it names, on the record, and shortens no drain', async () => {
    const world = await aWorldOf('hook', 'silent', 'silent');
    await rotate(world, 'hook');
    await until(world, 'hook', ['adopting'], 1);

    await world.order(force('hook-0-silent'));
    await world.pass(TIMES.drain + 60);
    expect(lastRotation(world, 'hook')).toMatchObject({
      phase: 'adopting',
      adoption: { 'hook-0-silent': { by: 'force', who: 'an operator', reason: 'it is gone' } },
    });
    await world.order(force('hook-1-silent'));
    await world.pass(TIMES.drain - 60);
    expect(lastRotation(world, 'hook').phase).toBe('adopted');
    expect(decisions(world, 'force').map(({ why }) => why.reason)).toEqual([
      'hook-0-silent: it is gone',
      'hook-1-silent: it is gone',
    ]);
    await until(world, 'hook', ['retired']);
    expectClean(world);
  });

  it('passes no hold', async () => {
    const world = await aWorldOf('hook', 'silent');
    await rotate(world, 'hook');
    await until(world, 'hook', ['adopting'], 1);
    await world.order(hold);
    await world.order(force('hook-0-silent'));
    await world.pass(10 * TIMES.drain);
    expect(lastRotation(world, 'hook').phase).toBe('adopted');
  });

  it('starts nothing, and names only who is missing', async () => {
    const world = await aWorldOf('hook', 'prompt', 'silent');
    expect(await world.order(force('hook-1-silent'))).toMatch(/^OUT_OF_ORDER/);
    await rotate(world, 'hook');
    await until(world, 'hook', ['adopting'], 1);
    await world.pass(60);
    expect(await world.order(force('hook-0-prompt'))).toMatch(
      /^MALFORMED_REQUEST: .*waits for hook-1-silent/,
    );
    expect(await world.order(force('a-stranger'))).toMatch(/^MALFORMED_REQUEST/);
    expect(await world.order(force())).toMatch(/^MALFORMED_REQUEST/);
    expect(decisions(world, 'force')).toEqual([]);
  });
});

describe('force and what goes on meanwhile', () => {
  it('counts returns on the way back, and not what was forced on the way there', async () => {
    const world = await aWorldOf('hook', 'silent');
    const first = currentOf(world, 'hook');
    await rotate(world, 'hook');
    await until(world, 'hook', ['adopting'], 1);
    await world.order({ order: 'roll-back', credential: 'hook', reason: 'bad' });
    await world.pass(30);
    expect(lastRotation(world, 'hook').rollback?.returned).toEqual({});
    await world.order(force('hook-0-silent'));
    await until(world, 'hook', ['rolled-back']);
    expect(currentOf(world, 'hook')).toBe(first);
    expectClean(world);
  });

  it('is decided again where the rotation has turned while the order was on its way', async () => {
    const world = await aWorldOf('hook', 'silent');
    await rotate(world, 'hook');
    await until(world, 'hook', ['adopting'], 1);
    const forcing = world.standstills.at('audit.append', 'after', ([record]) =>
      JSON.stringify(record).includes('"action":"force"'),
    );
    const answer = world.giveOrder(force('hook-0-silent'));
    await world.settle();
    expect(forcing.isReached).toBe(true);
    await world.order({ order: 'roll-back', credential: 'hook', reason: 'bad' });
    forcing.goOn();
    expect(await world.waitFor(answer)).toMatch(/^LEDGER_CONFLICT/);
    expect(lastRotation(world, 'hook').rollback?.returned).toEqual({});
  });
});

describe('redrive', () => {
  it('of one credential leaves what is about another one', async () => {
    const world = await aWorld({ hook: ['prompt'], store: ['prompt'] });
    world.stores.outages.add('vault.startRotation');
    await rotate(world, 'hook');
    await rotate(world, 'store');
    await world.pass(600);
    world.stores.outages.clear();
    const letters = async (): Promise<unknown> =>
      (await world.stores.bus.list()).map(({ event }) => event && credentialOf(event));
    expect(await letters()).toEqual(['hook', 'store']);
    await world.order({ order: 'redrive', credential: 'store', reason: 'mended' });
    await until(world, 'store', ['retired']);
    expect(await letters()).toEqual(['hook']);
  });

  it('delivers again what was given up, all of it or what is about one credential', async () => {
    const world = await aWorldOf('hook', 'prompt');
    world.stores.outages.add('vault.startRotation');
    await rotate(world, 'hook');
    await world.pass(600);
    expect(await world.stores.bus.list()).toHaveLength(1);
    world.stores.outages.clear();

    expect(await world.order({ order: 'redrive', credential: 'nobody', reason: 'x' })).toMatch(
      /^UNKNOWN_CREDENTIAL/,
    );
    expect(await world.order({ order: 'redrive', credential: 'hook', reason: 'mended' })).toMatchObject({
      facts: { redriven: 1 },
    });
    await until(world, 'hook', ['retired']);
    expect(await world.order({ order: 'redrive', reason: 'once more' })).toMatchObject({
      facts: { redriven: 0 },
    });
    expect(decisions(world, 'redrive').map(({ chain }) => chain)).toEqual(['hook', 'operations']);
    expectClean(world);
  });
});

describe('the test page', () => {
  it('goes the way that every page goes', async () => {
    const world = await aWorldOf('hook', 'prompt');
    await world.order({ order: 'page-test' });
    await world.pass(1);
    expect(world.stores.pager.pages).toMatchObject([{ severity: 'test', subject: 'simulated' }]);
    expect(world.stores.metrics.total('lockstep_pages', { severity: 'test' })).toBe(1);
  });
});

describe('breach mode', () => {
  it('stops first, pages what it stopped, and then has a new value made', async () => {
    const world = await aWorldOf('store', 'prompt');
    const leaked = currentOf(world, 'store');
    const starting = await standingAt(world, 'vault.startRotation', 'before', () => world.order(breach));
    expect(works(world, 'store', leaked)).toBe(false);
    expect(world.stores.pager.pages).toMatchObject([
      { severity: 'critical', title: 'store: breach mode', firstCommand: 'lockstep status store' },
    ]);
    expect(world.stores.pager.pages[0]?.reasons.join(' ')).toMatch(
      /seen in a log.*Stopped at the target: slot_a/,
    );
    starting.goOn();
    await until(world, 'store', ['retired']);
    expectClean(world);
  });

  it.each([
    ['target.install', 'before', 'abandoned'],
    ['target.install', 'after', 'abandoned'],
    ['vault.moveCurrent', 'after', 'abandoned'],
  ] as const)('ends the rotation at %s (%s) before anything is stopped: %s', async (call, moment, phase) => {
    const world = await aWorldOf('store', 'prompt');
    const rotating = await standingAt(world, call, moment, () => rotate(world, 'store'));
    const stopping = await standingAt(world, 'target.stopNow', 'before', () => world.order(breach));
    expect(lastRotation(world, 'store').phase).toBe(phase);
    expect(world.stores.metrics.total('lockstep_rotations', { outcome: 'breached' })).toBe(1);
    rotating.goOn();
    stopping.goOn();
    await until(world, 'store', ['retired'], 1);
    expectClean(world);
  });

  it('retires, before anything is stopped, what had been promoted', async () => {
    const world = await aWorldOf('store', 'prompt');
    await rotate(world, 'store');
    await until(world, 'store', ['adopting'], 1);
    const stopping = await standingAt(world, 'target.stopNow', 'before', () => world.order(breach));
    expect(lastRotation(world, 'store').phase).toBe('retired');
    stopping.goOn();
    await untilSo(world, () => lastRotation(world, 'store').cause === 'breach', 'a new value is made');
    await until(world, 'store', ['retired']);
    expectClean(world);
  });
});

describe('breach mode, whatever stands in its way', () => {
  it('says in capitals what it could not stop, and goes on with the rest', async () => {
    const world = await aWorldOf('store', 'prompt');
    await rotate(world, 'store');
    await until(world, 'store', ['adopted'], 1);
    world.stores.outages.add('target.stopNow');

    const answer = await world.order(breach);

    expect(answer).toMatchObject({ facts: { stopped: [], failed: ['slot_b', 'slot_a'] } });
    expect(world.stores.pager.pages[0]?.reasons.join(' ')).toContain('STILL ALIVE');
    world.stores.outages.clear();
    expect(await world.order(breach)).toMatchObject({ facts: { failed: [] } });
    await until(world, 'store', ['retired']);
  });

  it('waits for no audit, no hold and no freeze', async () => {
    const world = await aWorldOf('store', 'prompt');
    const leaked = currentOf(world, 'store');
    await world.order({ order: 'hold', credential: 'store', reason: 'release day' });
    world.stores.outages.add('audit.append');
    expect(await world.order(breach)).toMatchObject({ facts: { failed: [] } });
    expect(works(world, 'store', leaked)).toBe(false);
    world.stores.outages.clear();
    await world.pass(600);
    expect(lastRotation(world, 'store').promotedAt).toBeDefined();
  });

  it('pages also where its target cannot be reached, and says so', async () => {
    const world = await aWorldOf('store', 'prompt');
    for (const call of ['vault.describe', 'vault.read']) world.stores.outages.add(call);
    const answer = await world.order(breach);
    expect(JSON.stringify(answer)).toContain('could not be asked to stop anything');
    expect(world.stores.pager.pages[0]?.reasons.join(' ')).toContain('could not be asked to stop anything');
  });
});

describe('orders that are permissions of their own', () => {
  it.each([
    ['force', 'force', true],
    ['force', 'live', false],
    ['force', undefined, false],
    ['roll-back', 'roll-back', true],
    ['roll-back', 'force', false],
    ['hold', 'live', true],
    ['hold', 'force', false],
    ['rotate', undefined, false],
  ] as const)('%s by the door %s: %s', (order, alias, isTaken) => {
    const taken = (() => {
      try {
        assertOwnPermission(order, alias);
        return true;
      } catch (error) {
        return isLockstepError(error, 'NOT_BOUND') ? false : error;
      }
    })();
    expect(taken).toBe(isTaken);
  });
});
