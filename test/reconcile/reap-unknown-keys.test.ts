import { describe, expect, it } from 'vitest';
import { token } from '../fakes/counted-ids.ts';
import { aWorldOf, currentOf, expectClean, rotate, until, works } from '../simulation/stage.ts';
import type { World } from '../simulation/world.ts';
import { MARK } from '../fakes/marks.ts';

describe('keys at a provider that no version needs', () => {
  const target = (world: World) => world.stores.targetOf({ kind: 'api' });
  /** A key that carries a token, as a mint leaves it whose answer was lost. */
  async function orphan(world: World, madeFor: string): Promise<void> {
    const credential = world.inventory.credentials.find(({ name }) => name === 'agents');
    if (!credential) throw new RangeError('no agents');
    const withAuthority = () => Promise.reject(new Error('not asked'));
    await target(world).issue(
      { environment: 'simulated', mark: MARK, credential, token: madeFor, fence: 0, withAuthority },
      undefined,
    );
  }

  it('are ended where the ledger knows their rotation to be over', async () => {
    const world = await aWorldOf('agents', 'prompt');
    await rotate(world, 'agents');
    await until(world, 'agents', ['retired']);
    await rotate(world, 'agents');
    const { token: over } = await until(world, 'agents', ['retired']);
    await rotate(world, 'agents');
    await until(world, 'agents', ['retired']);
    await orphan(world, over);
    expect(target(world).liveKeys('agents')).toHaveLength(2);
    await world.pass(900);

    expect(world.stores.discrepancies.map(({ action }) => action)).toContain('reaped');
    expect(target(world).liveKeys('agents')).toHaveLength(1);
    expect(works(world, 'agents', currentOf(world, 'agents'))).toBe(true);
    expectClean(world);
  });

  it('are reported where the ledger knows no such rotation', async () => {
    const world = await aWorldOf('agents', 'prompt');
    await rotate(world, 'agents');
    await until(world, 'agents', ['retired']);
    await orphan(world, token(902));
    await world.pass(900);

    expect(world.stores.discrepancies).toContainEqual({
      credential: 'agents',
      action: 'reported',
      what: expect.stringMatching(/stays: .* the ledger knows no rotation/) as string,
    });
    expect(target(world).liveKeys('agents')).toHaveLength(2);
  });

  it('are not looked for while a rotation is under way, nor more often than declared', async () => {
    const world = await aWorldOf('agents', 'silent');
    await rotate(world, 'agents');
    await until(world, 'agents', ['adopting'], 1);
    await orphan(world, token(903));
    await world.pass(1800);
    expect(world.stores.discrepancies).toEqual([]);

    const quiet = await aWorldOf('agents', 'prompt');
    await orphan(quiet, token(903));
    await quiet.pass(1800);
    const looks = quiet.stores.ledger
      .rows('intent')
      .filter(({ credential, body }) => credential === 'agents' && body.purpose === 'reconcile');
    // every ten minutes at most, in half an hour
    expect(looks.length).toBeLessThanOrEqual(3);
    expect(looks.length).toBeGreaterThan(1);
  });
});
