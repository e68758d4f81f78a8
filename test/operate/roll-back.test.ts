import { describe, expect, it } from 'vitest';
import { aWorldOf, expectClean, lastRotation, rotate, until } from '../simulation/stage.ts';

const rollBack = { order: 'roll-back', credential: 'store', reason: 'a test' } as const;

describe('the order to roll back', () => {
  it('is refused for the rotation that answers a breach: there is nothing to go back to', async () => {
    const world = await aWorldOf('store', 'silent');
    await world.insist({ order: 'revoke-breach', credential: 'store', reason: 'a leak' });

    expect(await world.order(rollBack)).toMatch(/^PREDECESSOR_REVOKED/);

    expect(lastRotation(world, 'store').phase).toBe('adopting');
  });

  it('is refused where no rotation is under way, and once the predecessor is gone', async () => {
    const world = await aWorldOf('store', 'prompt');
    expect(await world.order(rollBack)).toMatch(/^OUT_OF_ORDER/);
    await rotate(world, 'store');
    await until(world, 'store', ['retired']);
    expect(await world.order(rollBack)).toMatch(/^OUT_OF_ORDER/);
    expectClean(world);
  });
});
