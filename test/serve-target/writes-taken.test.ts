import { describe, expect, it } from 'vitest';
import { token } from '../fakes/counted-ids.ts';
import { aWorldOf, dieAt, expectClean, lastRotation, rotate, until } from '../simulation/stage.ts';
import type { World } from '../simulation/world.ts';

/** Writes that count against Secrets Manager's quota, by Lockstep's hand. */
const COUNTED: readonly string[] = ['put-pending', 'put-first', 'move-current', 'remove-pending'];

const written = ({ stores }: World): number =>
  stores.vault.writes.filter(({ verb }) => COUNTED.includes(verb)).length;
const taken = ({ stores }: World): number =>
  stores.metrics.total('lockstep_vault_writes', { outcome: 'taken' });

/** What was written and what was taken while this happened. */
async function during(world: World, work: () => Promise<unknown>) {
  const before = { written: written(world), taken: taken(world) };
  await work();
  expectClean(world);
  return { written: written(world) - before.written, taken: taken(world) - before.taken };
}

describe('what the vault is written is taken from the budget before', () => {
  it('in a rotation: two writes', async () => {
    const world = await aWorldOf('store', 'prompt');
    const counts = await during(world, async () => {
      await rotate(world, 'store');
      await until(world, 'store', ['retired']);
    });
    expect(counts).toEqual({ written: 2, taken: 2 });
  });

  it('in a roll-back: the label moves back, and the pending one goes', async () => {
    const world = await aWorldOf('store', 'prompt');
    await rotate(world, 'store');
    await until(world, 'store', ['adopting', 'adopted']);
    const counts = await during(world, async () => {
      await world.order({ order: 'roll-back', credential: 'store', reason: 'a test' });
      await until(world, 'store', ['rolled-back']);
    });
    expect(counts).toEqual({ written: 2, taken: 2 });
  });

  it('behind an abandoned rotation: the pending label', async () => {
    const world = await aWorldOf('store', 'prompt');
    await dieAt(world, 'target.install', 'before', () => rotate(world, 'store'));
    const counts = await during(world, async () => {
      await world.insist({ order: 'roll-back', credential: 'store', reason: 'a test' });
      await world.pass(900);
    });
    expect(lastRotation(world, 'store').phase).toBe('abandoned');
    expect(counts).toEqual({ written: 1, taken: 1 });
  });

  it('at adoption: the first value that a target function makes', async () => {
    const world = await aWorldOf('hook', 'prompt');
    const puts = world.stores.vault.writes.filter(({ verb }) => verb === 'put-first');
    expect(puts).toHaveLength(1);
    expect(taken(world)).toBe(1);
  });

  it('where Secrets Manager itself began: both writes', async () => {
    const world = await aWorldOf('store', 'prompt');
    const arn = (await world.stores.vault.describe('lockstep/simulated/store')).arn;
    const counts = await during(world, async () => {
      await world.stores.driver.start(arn, { token: token(77), immediately: true });
      await world.pass(60);
      await until(world, 'store', ['retired']);
    });
    expect(lastRotation(world, 'store').cause).toBe('backstop');
    expect(counts).toEqual({ written: 2, taken: 2 });
  });

  it('where a stranger’s pending label is in the way: its removal, too', async () => {
    const world = await aWorldOf('store', 'prompt');
    await world.order({ order: 'hold', credential: 'store', reason: 'a test' });
    const arn = (await world.stores.vault.describe('lockstep/simulated/store')).arn;
    const counts = await during(world, async () => {
      await world.stores.driver.start(arn, { token: token(78), immediately: true });
      await world.pass(900);
    });
    // Whatever began in vain had taken two each time; the odd one is the label's.
    expect(counts.written).toBe(1);
    expect(counts.taken % 2).toBe(1);
  });
});
