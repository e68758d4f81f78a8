import { describe, expect, it } from 'vitest';
import { aWorldOf, dependentOf, expectClean, lastRotation, until } from '../simulation/stage.ts';

describe('reconcile', () => {
  it('gives up a rotation that keeps failing, and never the one that answers a breach', async () => {
    // given a breach whose new value cannot be put, for longer than any other rotation would be tried
    const world = await aWorldOf('store', 'poller');
    world.stores.outages.add('vault.putPending');
    await world.insist({ order: 'revoke-breach', credential: 'store', reason: 'a leak' });
    await world.pass(3 * 3600);
    expect(lastRotation(world, 'store').failure?.attempts).toBeGreaterThan(5);
    expect(lastRotation(world, 'store').phase).toBe('failed');

    // when it can be put again
    world.stores.outages.clear();

    // then the rotation comes to its end, and its dependent works again
    await until(world, 'store', ['retired']);
    expect(dependentOf(world, 'store-0-poller').versionsInUse()).toEqual([
      lastRotation(world, 'store').token,
    ]);
    expectClean(world);
  });

  it('starts the answer to a breach again within minutes: until then its dependents have nothing that works', async () => {
    // given an answer whose steps failed until Secrets Manager stopped trying
    const world = await aWorldOf('store', 'poller');
    world.stores.outages.add('target.install');
    await world.insist({ order: 'revoke-breach', credential: 'store', reason: 'a leak' });
    await world.pass(200);
    expect(lastRotation(world, 'store')).toMatchObject({ phase: 'failed', reached: 'issued' });
    world.stores.outages.clear();

    await world.pass(400);

    expect(lastRotation(world, 'store').promotedAt).toBeDefined();
    expectClean(world);
  });
});
