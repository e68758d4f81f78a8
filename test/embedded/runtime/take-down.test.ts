import { describe, expect, it } from 'vitest';
import { allSettled } from '../../../embedded/runtime/all-settled.ts';
import { TakeDown } from '../../../embedded/runtime/take-down.ts';

describe('taking down what was brought up', () => {
  it('goes from what watches over the rest to what keeps others away, and within that from the last to the first', async () => {
    const down = new TakeDown();
    const order: string[] = [];
    const note = (name: string) => async () => void order.push(name);
    down.add('folder', note('lock'));
    down.add('folder', note('heartbeat'));
    down.add('targets', note('database'));
    down.add('inside', note('stores'));
    down.add('inside', note('doors'));
    down.add('services', note('services'));
    down.add('watch', note('clock'));
    expect(await down.all()).toBeUndefined();
    expect(order).toEqual(['clock', 'services', 'doors', 'stores', 'database', 'heartbeat', 'lock']);
  });

  it('goes on when one of them fails, answers the first failure, and takes nothing down twice', async () => {
    const down = new TakeDown();
    const order: string[] = [];
    down.add('watch', () => Promise.reject(new Error('first')));
    down.add('targets', () => Promise.reject(new Error('second')));
    down.add('folder', async () => void order.push('lock'));
    expect(await down.all()).toMatchObject({ message: 'first' });
    expect(await down.all()).toBeUndefined();
    expect(order).toEqual(['lock']);
  });
});

describe('bringing up several things at once', () => {
  it('fails with the first failure, and not before the last of them has come up', async () => {
    const up: string[] = [];
    const slow = new Promise<void>((resolve) => {
      setTimeout(() => {
        up.push('slow');
        resolve();
      }, 50);
    });
    const failure = allSettled([
      Promise.reject(new Error('quick')),
      slow,
      Promise.reject(new Error('another')),
    ]);
    await expect(failure).rejects.toThrow('quick');
    expect(up).toEqual(['slow']);
    await expect(allSettled([slow])).resolves.toBeUndefined();
  });
});
