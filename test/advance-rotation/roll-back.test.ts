import { describe, expect, it } from 'vitest';
import {
  aWorldOf,
  currentOf,
  dependentOf,
  expectClean,
  lastRotation,
  rotate,
  until,
} from '../simulation/stage.ts';

describe('the way back', () => {
  it('takes no proof of the successor for a proof of the return', async () => {
    // given a rotation whose one dependent has proved the successor and is slow to move
    const world = await aWorldOf('store', 'lagging');
    const first = currentOf(world, 'store');
    await rotate(world, 'store');
    await until(world, 'store', ['adopted']);

    // when it is rolled back
    await world.order({ order: 'roll-back', credential: 'store', reason: 'it misbehaves' });

    // then nobody has returned until the dependent says so, and its version lives until then
    expect(lastRotation(world, 'store').rollback?.returned).toEqual({});
    expect(currentOf(world, 'store')).toBe(first);
    const ended = await until(world, 'store', ['rolled-back']);
    expect(ended.rollback?.returned).toMatchObject({ 'store-0-lagging': { by: 'acknowledgement' } });
    expect(dependentOf(world, 'store-0-lagging').versionsInUse()).toEqual([first]);
    expectClean(world);
  });
});
