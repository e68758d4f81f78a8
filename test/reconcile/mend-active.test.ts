import { describe, expect, it } from 'vitest';
import { LockstepError } from '../../lambdas/core/errors.ts';
import {
  aWorldOf,
  currentOf,
  dieAt,
  expectClean,
  lastRotation,
  reconcileNow,
  rotate,
  standingAt,
  until,
  works,
} from '../simulation/stage.ts';
import { refuseProofs, secretOf, STUCK_SECONDS } from './a-stuck-world.ts';

describe('reconcile finishes', () => {
  it('a rotation whose last event was lost, and whose timer is gone', async () => {
    const world = await aWorldOf('store', 'prompt');
    await rotate(world, 'store');
    const { token: rotation } = await until(world, 'store', ['adopted'], 1);
    await world.stores.timer.cancel(`advance-${rotation}`);

    const { phase } = await until(world, 'store', ['retired']);

    expect(phase).toBe('retired');
    expectClean(world);
  });

  it('a promotion that the vault shows and the ledger does not know', async () => {
    const world = await aWorldOf('store', 'prompt');
    await dieAt(world, 'vault.moveCurrent', 'after', () => rotate(world, 'store'));

    expect(await reconcileNow(world, 'store')).toEqual(['store: finished']);

    await until(world, 'store', ['retired']);
    expectClean(world);
  });

  it('a pending version that works and was never promoted', async () => {
    // given a rotation whose cut-over failed until Secrets Manager stopped trying
    const world = await aWorldOf('store', 'prompt');
    world.stores.outages.add('vault.moveCurrent');
    await rotate(world, 'store');
    await world.pass(400);
    expect(lastRotation(world, 'store')).toMatchObject({ phase: 'failed', reached: 'verified' });
    world.stores.outages.clear();

    // when it has stood for long enough
    const begun = lastRotation(world, 'store').token;
    await world.pass(STUCK_SECONDS);

    // then it was started again, and goes all the way
    expect(world.stores.discrepancies.map(({ action }) => action)).toContain('finished');
    expect((await until(world, 'store', ['retired'])).token).toBe(begun);
    expectClean(world);
  });

  it('a rotation that was requested and never started', async () => {
    const world = await aWorldOf('store', 'prompt');
    world.stores.outages.add('vault.startRotation');
    const begun = await rotate(world, 'store');
    await world.pass(STUCK_SECONDS);
    world.stores.outages.clear();

    expect((await until(world, 'store', ['retired'])).token).toBe(begun);
    expectClean(world);
  });

  it('an event that was committed and never published', async () => {
    const world = await aWorldOf('store', 'prompt');
    const { ledger, bus } = world.stores;
    const publish = bus.publish.bind(bus);
    // whoever takes events from the stream to the bus is gone; reconcile has a way of its own
    bus.publish = () => Promise.reject(new LockstepError('BUS_UNAVAILABLE', 'no answer'));
    await rotate(world, 'store');
    expect(await ledger.pending(10)).not.toEqual([]);
    bus.publish = publish;

    expect(await reconcileNow(world, 'store')).toContain('*: republished');

    await until(world, 'store', ['retired']);
    expect(await ledger.pending(10)).toEqual([]);
    expectClean(world);
  });
});

describe('reconcile reverses', () => {
  it('a successor that never worked: it is given up, taken away, and the next one rotates', async () => {
    const world = await aWorldOf('store', 'prompt');
    const first = currentOf(world, 'store');
    const mend = refuseProofs(world, 'db');
    await rotate(world, 'store');

    const given = await until(world, 'store', ['abandoned'], 60);
    await world.pass(60);

    expect(given.endedBecause).toBe('its target refuses it, after 8 failed step(s)');
    expect(world.stores.vault.holderOf(secretOf('store'), 'AWSPENDING')).toBeUndefined();
    expect([works(world, 'store', given.token), works(world, 'store', first)]).toEqual([false, true]);
    expect(world.stores.metrics.total('lockstep_rotations', { outcome: 'abandoned' })).toBe(1);
    mend();
    await rotate(world, 'store');
    await until(world, 'store', ['retired']);
    expectClean(world);
  });

  it('one that never got a value', async () => {
    const world = await aWorldOf('store', 'prompt');
    world.stores.outages.add('vault.putPending');
    await rotate(world, 'store');

    const given = await until(world, 'store', ['abandoned'], 60);

    expect(given.endedBecause).toMatch(/^it never got a value/);
    expectClean(world);
  });

  it('one whose pending label somebody took off, which nothing brings back', async () => {
    const world = await aWorldOf('store', 'prompt');
    const installing = await standingAt(world, 'target.install', 'before', () => rotate(world, 'store'));
    const { token: rotation } = lastRotation(world, 'store');
    await world.stores.vault.removePending(secretOf('store'), rotation);
    installing.goOn();

    const given = await until(world, 'store', ['abandoned'], 60);

    expect(given.endedBecause).toMatch(/^its pending label is gone/);
    expect(works(world, 'store', rotation)).toBe(false);
    await rotate(world, 'store');
    await until(world, 'store', ['retired']);
    expectClean(world);
  });

  it('what an abandoned rotation has left, when the process died right behind the decision', async () => {
    const world = await aWorldOf('agents', 'prompt');
    world.stores.outages.add('target.verify');
    await rotate(world, 'agents');
    await world.pass(30);
    await world.order({ order: 'roll-back', credential: 'agents', reason: 'a test' });

    // a first look that finds the target away, and a second one
    await reconcileNow(world, 'agents');
    world.stores.outages.clear();
    await world.pass(STUCK_SECONDS);

    const { token: rotation } = lastRotation(world, 'agents');
    expect(world.stores.vault.holderOf(secretOf('agents'), 'AWSPENDING')).toBeUndefined();
    expect(works(world, 'agents', rotation)).toBe(false);
    expect(world.stores.targetOf({ kind: 'api' }).liveKeys('agents')).toHaveLength(1);
    expectClean(world);
  });
});
