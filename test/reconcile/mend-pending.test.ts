import { describe, expect, it } from 'vitest';
import { Secret } from '../../lambdas/core/secret.ts';
import { token } from '../fakes/counted-ids.ts';
import { aWorldOf, expectClean, reconcileNow, rotate, until } from '../simulation/stage.ts';
import { secretOf } from './a-stuck-world.ts';

describe('a pending label that no live rotation owns', () => {
  const stranger = token(901);

  it('is taken off where it has no value: what a refused rotation leaves', async () => {
    const world = await aWorldOf('store', 'prompt');
    const { arn } = await world.stores.vault.describe(secretOf('store'));
    await world.stores.vault.driven.registerPending(arn, stranger, false);

    expect(await reconcileNow(world, 'store')).toEqual(['store: stripped']);

    expect(world.stores.vault.holderOf(secretOf('store'), 'AWSPENDING')).toBeUndefined();
    expect(await reconcileNow(world, 'store')).toEqual([]);
    expectClean(world);
  });

  it('is reported and never touched where it has one that nobody of ours put', async () => {
    const world = await aWorldOf('store', 'prompt');
    await world.stores.vault.putPending(
      secretOf('store'),
      stranger,
      new Secret(JSON.stringify({ key: 'slot_b', secret: 'of a stranger' })),
    );

    expect(await reconcileNow(world, 'store')).toEqual(['store: reported']);
    expect(await reconcileNow(world, 'store')).toEqual(['store: reported']);

    expect(world.stores.vault.holderOf(secretOf('store'), 'AWSPENDING')).toBe(stranger);
    expectClean(world);
  });

  it('is a legal end on AWSCURRENT, and stays', async () => {
    const world = await aWorldOf('store', 'prompt');
    await rotate(world, 'store');
    const { token: current } = await until(world, 'store', ['retired']);
    expect(world.stores.vault.holderOf(secretOf('store'), 'AWSPENDING')).toBe(current);

    expect(await reconcileNow(world, 'store')).toEqual([]);

    expect(world.stores.vault.holderOf(secretOf('store'), 'AWSPENDING')).toBe(current);
  });

  it('is taken off a version that has been retired, wherever it came from', async () => {
    const world = await aWorldOf('hook', 'prompt');
    await rotate(world, 'hook');
    const { token: old } = await until(world, 'hook', ['retired']);
    await rotate(world, 'hook');
    await until(world, 'hook', ['retired']);
    const value = world.stores.vault.valueOf(secretOf('hook'), old);
    // an operator at the console, who starts the old token again
    const { arn } = await world.stores.vault.describe(secretOf('hook'));
    const held = world.stores.vault.holderOf(secretOf('hook'), 'AWSPENDING');
    expect([value === undefined, held === old]).toEqual([false, false]);
    await world.stores.vault.relabel(arn, 'AWSPENDING', old);

    expect(await reconcileNow(world, 'hook')).toEqual(['hook: stripped']);

    expect(world.stores.vault.holderOf(secretOf('hook'), 'AWSPENDING')).toBeUndefined();
    expectClean(world);
  });
});
