import { describe, expect, it } from 'vitest';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { aWorldOf, currentOf, dependentOf, expectClean, rotate, until } from '../simulation/stage.ts';

describe('telling a dependent', () => {
  it('goes on for one that was counted as adopted without having moved', async () => {
    // given a dependent that nobody reaches, and that an operator has given up waiting for
    const world = await aWorldOf('store', 'prompt');
    const dependent = dependentOf(world, 'store-0-prompt');
    const tell = dependent.tell.bind(dependent);
    dependent.tell = () => {
      throw new LockstepError('DEPENDENT_UNREACHABLE', 'nobody is there');
    };
    await rotate(world, 'store');
    await world.order({
      order: 'force',
      credential: 'store',
      dependents: ['store-0-prompt'],
      reason: 'it is gone',
    });
    await until(world, 'store', ['adopted']);

    // when it is back
    dependent.tell = tell;
    await world.pass(200);

    // then it hears of the version that it has to use
    expect(dependent.versionsInUse()).toEqual([currentOf(world, 'store')]);
    expectClean(world);
  });
});
