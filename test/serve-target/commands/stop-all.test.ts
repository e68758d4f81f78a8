import { describe, expect, it } from 'vitest';
import {
  aWorld,
  currentOf,
  dieAt,
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

  it('never stops an authority’s new value either, where the vault shows its promotion late', async () => {
    // given an authority that has just been promoted, and a vault that still shows it as it was
    const world = await aWorld({ agents: [] });
    const { vault } = world.stores;
    const secret = secretName('simulated', 'api-admin');
    const before = await standingAt(world, 'vault.moveCurrent', 'before', () => rotate(world, 'api-admin'));
    const late = await vault.describe(secret);
    before.goOn();
    await until(world, 'api-admin', ['adopted'], 1);
    const describeIt = vault.describe.bind(vault);
    vault.describe = (secretId) => (secretId === secret ? Promise.resolve(late) : describeIt(secretId));

    // when it leaks at that moment
    const answered = world.order({ order: 'revoke-breach', credential: 'api-admin', reason: 'a leak' });
    await answered;
    vault.describe = describeIt;

    // then its next value could be made with what works
    await until(world, 'api-admin', ['retired']);
    expect(works(world, 'api-admin', currentOf(world, 'api-admin') ?? '')).toBe(true);
    expectClean(world);
  });

  it('never stops it where the ledger has not heard of its promotion either', async () => {
    const world = await aWorld({ agents: [] });
    await dieAt(world, 'vault.moveCurrent', 'after', () => rotate(world, 'api-admin'));

    await breach(world, 'api-admin');

    await until(world, 'api-admin', ['retired']);
    expect(works(world, 'api-admin', currentOf(world, 'api-admin') ?? '')).toBe(true);
    expectClean(world);
  });
});
