import { describe, expect, it } from 'vitest';
import { secretName } from '../../lambdas/core/credential.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { VersionSelector } from '../../lambdas/core/ports/vault.ts';
import { aWorld, dieAt, expectClean, lastRotation, rotate, standingAt, until } from '../simulation/stage.ts';
import type { World } from '../simulation/world.ts';

/** The next read of that version does not see what was written a moment ago. */
function missOnce({ stores: { vault } }: World, version: string): void {
  const read = vault.read.bind(vault);
  vault.read = (secretId: string, selector?: VersionSelector) => {
    if (selector?.version !== version) return read(secretId, selector);
    vault.read = read;
    return Promise.reject(new LockstepError('UNKNOWN_VERSION', 'not shown yet'));
  };
}

const putsOf = (world: World, credential: string): readonly string[] =>
  world.stores.audit
    .entries(credential)
    .filter(({ action }) => action === 'put-pending')
    .map(({ type, what, result }) => [type, what.key, result?.note].filter(Boolean).join(' '));

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

  it('answers the intent of a stored value also where the vault shows it late', async () => {
    // given a process that died with its value stored, before it could say so
    const world = await aWorld({ agents: ['prompt'] });
    await dieAt(world, 'vault.putPending', 'after', () => rotate(world, 'agents'));
    missOnce(world, lastRotation(world, 'agents').token);

    // when the next one finds the value only under the lock
    const { successor } = await until(world, 'agents', ['retired']);

    // then it uses that value, makes no other, and the intent has its outcome
    expect(putsOf(world, 'agents')).toEqual([
      `intent ${successor?.key}`,
      `outcome ${successor?.key} it was found in the vault`,
    ]);
    expect(world.stores.watch.unanswered()).toEqual([]);
    expectClean(world);
  });

  it('takes the value of another run that was first, and answers for it, also where the vault shows it late', async () => {
    // given two runs of one createSecret, of which the second has stored its value and not said so
    const world = await aWorld({ hook: ['prompt'] });
    const first = await standingAt(world, 'vault.putPending', 'before', () => rotate(world, 'hook'));
    const { token } = lastRotation(world, 'hook');
    const secretId = secretName(world.inventory.environment, 'hook');
    const second = await standingAt(world, 'vault.putPending', 'after', () =>
      world.process.pipeline.step({ step: 'createSecret', secretId, token }),
    );
    missOnce(world, token);

    // when the first one goes on
    first.goOn();
    const { successor } = await until(world, 'hook', ['retired']);

    // then the stored value is the one that was rotated to, and its intent has an outcome
    expect(putsOf(world, 'hook')).toContain(`outcome ${successor?.key} it was found in the vault`);
    expect(world.stores.watch.unanswered()).toEqual([]);
    second.goOn();
    expectClean(world);
  });
});
