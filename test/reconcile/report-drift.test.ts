import { describe, expect, it } from 'vitest';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { token } from '../fakes/counted-ids.ts';
import {
  aWorld,
  aWorldOf,
  currentOf,
  expectClean,
  lastRotation,
  reconcileNow,
  rotate,
  standingAt,
  until,
} from '../simulation/stage.ts';
import { secretOf } from './a-stuck-world.ts';

describe('reconcile reports what only a person can judge', () => {
  it('an AWSCURRENT that somebody moved', async () => {
    const world = await aWorldOf('hook', 'prompt');
    await rotate(world, 'hook');
    const { predecessor, token: current } = await until(world, 'hook', ['retired']);
    const move = { to: predecessor?.version ?? '', from: current };
    await world.stores.vault.moveCurrent(secretOf('hook'), move);

    // the pending label that a rotation leaves on its successor owns nothing any more
    expect(await reconcileNow(world, 'hook')).toEqual(['hook: stripped', 'hook: reported']);
    expect(await reconcileNow(world, 'hook')).toEqual(['hook: reported']);
    expect(currentOf(world, 'hook')).toBe(predecessor?.version);
  });

  it('an AWSCURRENT that somebody moved to a successor before it was verified', async () => {
    const world = await aWorldOf('hook', 'prompt');
    const verifying = await standingAt(world, 'target.verify', 'before', () => rotate(world, 'hook'));
    const { token: rotation, predecessor } = lastRotation(world, 'hook');
    const move = { to: rotation, from: predecessor?.version ?? '' };
    await world.stores.vault.moveCurrent(secretOf('hook'), move);

    expect(await reconcileNow(world, 'hook')).toEqual(['hook: reported']);
    expect(lastRotation(world, 'hook').phase).toBe('installed');
    verifying.goOn();
  });

  it('a rotation that was switched off, and a replica', async () => {
    const world = await aWorldOf('hook', 'prompt');
    const { vault } = world.stores;
    vault.setRotationEnabled(secretOf('hook'), false);
    const describeIt = vault.describe.bind(vault);
    vault.describe = async (secretId) => ({ ...(await describeIt(secretId)), replicaRegions: ['eu-west-1'] });

    expect(await reconcileNow(world, 'hook')).toEqual(['hook: reported', 'hook: reported']);
    expect(world.stores.discrepancies.map(({ what }) => what).join()).toMatch(/switched off.*replicated/);
  });

  it('a secret that is gone, and looks at the others all the same', async () => {
    const world = await aWorld({ hook: ['prompt'], store: ['prompt'] });
    const { vault } = world.stores;
    const describeIt = vault.describe.bind(vault);
    vault.describe = (secretId) =>
      secretId.includes('store')
        ? Promise.reject(new LockstepError('UNKNOWN_CREDENTIAL', 'no such secret'))
        : describeIt(secretId);
    const { arn } = await describeIt(secretOf('hook'));
    await vault.driven.registerPending(arn, token(904), false);

    const found = await reconcileNow(world);

    expect(found).toEqual(['store: reported', 'hook: stripped']);
    expect(world.stores.metrics.total('lockstep_reconcile_findings', { action: 'reported' })).toBe(1);
  });

  it('nothing that passes by itself: that is tried again in the next round', async () => {
    const world = await aWorld({ hook: ['prompt'] });
    world.stores.outages.add('vault.describe');
    expect(await reconcileNow(world, 'hook')).toEqual(['hook: failed']);
    world.stores.outages.clear();
    expect(await reconcileNow(world, 'hook')).toEqual([]);
    expectClean(world);
  });
});
