import { describe, expect, it } from 'vitest';
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
} from '../simulation/stage.ts';
import { refuseProofs, secretOf, STUCK_SECONDS } from './a-stuck-world.ts';

describe('reconcile does not give up', () => {
  it('what cannot be asked: unknown is not refused', async () => {
    const world = await aWorldOf('store', 'prompt');
    world.stores.outages.add('target.verify');
    const begun = await rotate(world, 'store');

    await world.pass(10 * STUCK_SECONDS);

    expect(lastRotation(world, 'store')).toMatchObject({ phase: 'failed', token: begun });
    world.stores.outages.clear();
    expect((await until(world, 'store', ['retired'])).token).toBe(begun);
    expectClean(world);
  });

  it('what is changed in place, and may work with its pending value alone', async () => {
    const world = await aWorld({ 'db-admin': [], store: ['prompt'] });
    const mend = refuseProofs(world, 'db-admin');
    const begun = await rotate(world, 'db-admin');

    await world.pass(10 * STUCK_SECONDS);

    expect(lastRotation(world, 'db-admin')).toMatchObject({ phase: 'failed', reached: 'installed' });
    mend();
    expect((await until(world, 'db-admin', ['retired'])).token).toBe(begun);
    expectClean(world);
  });
});

describe('reconcile does not give up, having looked too early,', () => {
  it('what was promoted between its look and its decision', async () => {
    // given a rotation that failed often enough, and a look at the vault from before its promotion
    const world = await aWorldOf('store', 'prompt');
    const mend = refuseProofs(world, 'db');
    await rotate(world, 'store');
    const deciding = world.standstills.at(
      'ledger.read',
      'before',
      ([family, about]) =>
        family === 'lock' && about === 'store' && lastRotation(world, 'store').reached === 'installed',
    );
    await untilSo(world, () => deciding.isReached, 'somebody is about to give it up');

    // when it is verified and promoted after all
    mend();
    await world.send('rotation.requested', {
      credential: 'store',
      rotation: lastRotation(world, 'store').token,
    });
    await world.pass(20);
    deciding.goOn();

    // then nobody gives it up
    expect((await until(world, 'store', ['retired'])).endedBecause).toBeUndefined();
    expectClean(world);
  });

  it('what a lost call promoted after all, while the ledger knows of no change', async () => {
    // given a cut-over of which no call was answered, and a target that refuses the successor by now
    const world = await aWorldOf('store', 'prompt');
    const first = currentOf(world, 'store') ?? '';
    world.stores.outages.add('vault.moveCurrent');
    const begun = await rotate(world, 'store');
    const mend = refuseProofs(world, 'db');
    const deciding = world.standstills.at(
      'ledger.read',
      'before',
      ([family, about]) => family === 'lock' && about === 'store',
    );
    await untilSo(world, () => deciding.isReached, 'somebody is about to give it up');
    expect(lastRotation(world, 'store').failure?.attempts).toBeGreaterThanOrEqual(5);

    // when one of those calls arrives
    world.stores.outages.clear();
    await world.stores.vault.moveCurrent(secretOf('store'), { to: begun, from: first });
    mend();
    deciding.goOn();
    await world.settle();

    // then the ledger follows
    expect(lastRotation(world, 'store').promotedAt).toBeDefined();
    await until(world, 'store', ['retired']);
    expect(world.oracle.violations).toEqual([]);
  });
});

describe('a rotation', () => {
  it('that a hold keeps from beginning waits, wakes nobody, and begins with the release', async () => {
    const world = await aWorldOf('store', 'prompt');
    const starting = await standingAt(world, 'vault.startRotation', 'before', () => rotate(world, 'store'));
    const { token: begun } = lastRotation(world, 'store');
    await world.order({ order: 'hold', credential: 'store', reason: 'release day' });
    starting.goOn();

    await world.pass(10 * STUCK_SECONDS);

    expect(lastRotation(world, 'store')).toMatchObject({ phase: 'failed', failure: { code: 'HELD' } });
    expect(world.stores.metrics.last('lockstep_pending_stuck')).toBe(0);
    expect(world.stores.metrics.last('lockstep_rotations_failing')).toBe(0);
    await world.order({ order: 'release', credential: 'store', reason: 'it is over' });
    // at once, and not when reconcile happens to come by
    await world.pass(30);
    expect(lastRotation(world, 'store')).toMatchObject({ token: begun, phase: 'adopted' });
    expectClean(world);
  });
});
