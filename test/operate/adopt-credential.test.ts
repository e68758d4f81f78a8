import { describe, expect, it } from 'vitest';
import { secretName } from '../../lambdas/core/credential.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { tokenFor } from '../../lambdas/request-rotation/admit-rotation.ts';
import { token } from '../fakes/counted-ids.ts';
import { FINE } from '../simulation/weather.ts';
import { currentOf, dieAt, expectClean, rotate, until, works } from '../simulation/stage.ts';
import { World } from '../simulation/world.ts';

/** A world in which nobody has adopted anything, but the authority of the store. */
async function anUnadoptedWorld(): Promise<World> {
  const world = new World(
    { habits: { store: [] }, onDeadline: 'hold-and-page', mintsReversibly: false },
    FINE,
  );
  await world.putByHand('db-admin', token(1));
  await world.order({ order: 'adopt', credential: 'db-admin', value: 'stored' });
  return world;
}
const issue = { order: 'adopt', credential: 'store', value: 'issue' } as const;
const stored = { ...issue, value: 'stored' } as const;
const SECRET = secretName('simulated', 'store');
const stateOf = (world: World) =>
  world.stores.ledger.rows('credential').find(({ credential }) => credential === 'store')?.body;

describe('adopting a credential with a value that is made at its target', () => {
  it('stores and proves it, registers the function, and rotates nothing', async () => {
    const world = await anUnadoptedWorld();
    expect(await world.order({ order: 'rotate', credential: 'store', reason: 'too early' })).toMatch(
      /^NOT_ADOPTED/,
    );

    expect(typeof (await world.order(issue))).toBe('object');

    const first = currentOf(world, 'store');
    expect(works(world, 'store', first)).toBe(true);
    expect(stateOf(world)).toMatchObject({ current: first, fence: 0 });
    expect((await world.stores.vault.describe(SECRET)).rotationEnabled).toBe(true);
    expect(world.stores.ledger.rows('rotation')).toEqual([]);
    expect(world.stores.ledger.rows('intent')).toMatchObject([
      {},
      { credential: 'store', body: { purpose: 'adoption', by: 'an operator' } },
    ]);
    await rotate(world, 'store');
    await until(world, 'store', ['retired']);
    expectClean(world);
  });

  it.each([
    ['target.issue', 'after'],
    ['vault.putFirst', 'after'],
    ['target.install', 'after'],
    ['vault.startRotation', 'after'],
    ['ledger.commit', 'before'],
  ] as const)('goes on where its process died, with one value: %s, %s', async (call, moment) => {
    const world = await anUnadoptedWorld();
    await dieAt(world, call, moment, () => world.giveOrder(issue));
    await world.pass(61);

    expect(typeof (await world.order(issue))).toBe('object');

    expect(currentOf(world, 'store')).toBe(tokenFor({ credential: 'store', requestId: 'first value' }));
    expect(world.stores.targetOf({ kind: 'db' }).liveKeys('store')).toEqual(['slot_a']);
    expectClean(world);
  });

  it('is done once: again it says so and changes nothing', async () => {
    const world = await anUnadoptedWorld();
    await world.order(issue);
    const before = JSON.stringify([world.stores.vault.writes, stateOf(world)]);
    expect(await world.order(issue)).toMatchObject({ facts: { repeated: true } });
    expect(await world.order(stored)).toMatchObject({ facts: { repeated: true } });
    expect(JSON.stringify([world.stores.vault.writes, stateOf(world)])).toBe(before);
  });

  it('makes none where a person has put one already', async () => {
    const world = await anUnadoptedWorld();
    await world.stores.vault.putFirst(SECRET, token(2), new Secret('{"key":"slot_a","secret":"by hand"}'));
    expect(await world.order(issue)).toMatch(/^ALREADY_ADOPTED/);
    expect(currentOf(world, 'store')).toBe(token(2));
  });

  it('makes none for an authority, whose first value only a person can have', async () => {
    const world = new World(
      { habits: { store: [] }, onDeadline: 'hold-and-page', mintsReversibly: false },
      FINE,
    );
    expect(await world.order({ ...issue, credential: 'db-admin' })).toMatch(
      /^(NOT_SUPPORTED|UNKNOWN_VERSION)/,
    );
    expect(world.stores.vault.writes).toEqual([]);
  });
});

describe('adopting a credential with the value that a person put', () => {
  it('is refused as long as there is none, and when the target refuses it', async () => {
    const world = await anUnadoptedWorld();
    expect(await world.order(stored)).toMatch(/^NOT_ADOPTED/);

    await world.stores.vault.putFirst(SECRET, token(2), new Secret('{"key":"slot_a","secret":"wrong"}'));
    expect(await world.order(stored)).toMatch(/^SUCCESSOR_REJECTED/);

    expect(stateOf(world)?.adoptedAt).toBeUndefined();
    expect((await world.stores.vault.describe(SECRET)).rotationEnabled).toBeUndefined();
  });

  it('takes it where it works', async () => {
    const world = await anUnadoptedWorld();
    await world.putByHand('store', token(2));
    expect(typeof (await world.order(stored))).toBe('object');
    expect(stateOf(world)).toMatchObject({ current: token(2) });
    await rotate(world, 'store');
    await until(world, 'store', ['retired']);
    expectClean(world);
  });

  it('passes on what kept the target from being asked: that says nothing about the value', async () => {
    const world = await anUnadoptedWorld();
    await world.putByHand('store', token(2));
    world.stores.targetOf({ kind: 'db' }).verify = () =>
      Promise.reject(new LockstepError('TARGET_UNREACHABLE', 'down'));
    expect(await world.order(stored)).toMatch(/^TARGET_UNREACHABLE/);
    expect(stateOf(world)?.adoptedAt).toBeUndefined();
  });
});
