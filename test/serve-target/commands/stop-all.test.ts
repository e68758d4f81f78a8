import { describe, expect, it } from 'vitest';
import {
  aWorld,
  currentOf,
  expectClean,
  lastRotation,
  rotate,
  standingAt,
  until,
} from '../../simulation/stage.ts';
import { secretName } from '../../../lambdas/core/credential.ts';
import type { World } from '../../simulation/world.ts';

const breach = (world: World, credential: string) =>
  world.insist({ order: 'revoke-breach', credential, reason: 'a leak' });

const works = (world: World, credential: string, version: string): boolean => {
  const declared = world.inventory.credentials.find(({ name }) => name === credential);
  const value = world.stores.vault.valueOf(secretName('simulated', credential), version);
  return (
    declared !== undefined &&
    value !== undefined &&
    world.stores.targetOf(declared).accepts(credential, value)
  );
};

describe('breach mode', () => {
  it('stops every version of a credential at once and makes a new one', async () => {
    const world = await aWorld({ store: ['prompt'] });
    const leaked = currentOf(world, 'store') ?? '';

    await breach(world, 'store');
    expect(works(world, 'store', leaked)).toBe(false);

    await until(world, 'store', ['retired']);
    expect(currentOf(world, 'store')).not.toBe(leaked);
    expect(works(world, 'store', currentOf(world, 'store') ?? '')).toBe(true);
    expectClean(world);
  });

  it('never stops the value that an authority needs to make its own successor', async () => {
    // given an authority whose target already knows only the pending value
    const world = await aWorld({ store: [] });
    const promotion = await standingAt(world, 'vault.moveCurrent', 'before', () => rotate(world, 'db-admin'));
    const pending = lastRotation(world, 'db-admin').token;

    // when it leaks just then
    await breach(world, 'db-admin');

    // then that value still opens the target, and the rotation that was under way ends the leaked one
    expect(works(world, 'db-admin', pending)).toBe(true);
    promotion.goOn();
    await until(world, 'db-admin', ['retired']);
    expect(currentOf(world, 'db-admin')).toBe(pending);
    expectClean(world);
  });
});
