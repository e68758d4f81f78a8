import { describe, expect, it } from 'vitest';
import { aWorld, dieAt, expectClean, lastRotation, rotate, until } from '../simulation/stage.ts';

describe('createSecret', () => {
  it('reaps the key of a lost attempt also when the process dies between the put and the reaping', async () => {
    // given a first attempt that dies with its key minted, and a second that dies with its value stored
    const world = await aWorld({ agents: ['prompt'] });
    const target = world.stores.targetOf({ kind: 'api' });
    await dieAt(world, 'target.issue', 'after', () => rotate(world, 'agents'));
    await dieAt(world, 'vault.putPending', 'after');
    expect(target.liveKeys('agents')).toHaveLength(3);

    // when the rotation goes on
    await until(world, 'agents', ['issued', 'installed', 'verified', 'promoted', 'adopting', 'adopted'], 1);

    // then only the two versions live: a provider that allows two keys has room again
    const { predecessor, successor } = lastRotation(world, 'agents');
    expect(target.liveKeys('agents')).toEqual([predecessor?.key, successor?.key]);
    await until(world, 'agents', ['retired']);
    expectClean(world);
  });
});
