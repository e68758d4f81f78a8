import { describe, expect, it } from 'vitest';
import { Lanes } from '../../../embedded/step-driver/lanes.ts';
import { FakeClock, quiet } from '../../fakes/fake-clock.ts';

/** Work that takes a second, and what of it ran when. */
function someWork() {
  const clock = new FakeClock();
  const began: string[] = [];
  const state = { running: 0, most: 0 };
  const work = (name: string) => async (): Promise<void> => {
    began.push(name);
    state.running += 1;
    state.most = Math.max(state.most, state.running);
    await clock.sleep(1000);
    state.running -= 1;
  };
  return { clock, began, state, work };
}

describe('work in the background', () => {
  it('runs one after the other in a queue, and beside that of other queues', async () => {
    const { clock, began, work } = someWork();
    const lanes = new Lanes(8);
    lanes.run('a1', 'a', work('a1'));
    lanes.run('a2', 'a', work('a2'));
    lanes.run('b1', 'b', work('b1'));
    await quiet();
    expect(began).toEqual(['a1', 'b1']);
    expect([lanes.has('a1'), lanes.has('a2'), lanes.has('c')]).toEqual([true, true, false]);
    await clock.advance(1);
    expect(began).toEqual(['a1', 'b1', 'a2']);
    await clock.advance(1);
    await lanes.idle();
    expect(lanes.has('a2')).toBe(false);
  });

  it('is bounded over all queues, in the order of asking', async () => {
    const { clock, began, state, work } = someWork();
    const lanes = new Lanes(2);
    const names = ['a', 'b', 'c', 'd', 'e'];
    const done = Promise.all(names.map((name) => lanes.limited(work(name))));
    await clock.advance(1);
    // Somebody who comes while places change hands takes none of those who waited.
    const late = lanes.limited(work('late'));
    await clock.advance(3);
    await Promise.all([done, late]);
    expect(began).toEqual([...names, 'late']);
    expect(state.most).toBe(2);
  });

  it('gives its place back when it fails', async () => {
    const lanes = new Lanes(1);
    await expect(lanes.limited(() => Promise.reject(new RangeError('no')))).rejects.toThrow('no');
    expect(await lanes.limited(async () => 'next')).toBe('next');
  });

  it('is exclusive within a queue where it has to be, also after one of it failed', async () => {
    const { clock, began, state, work } = someWork();
    const lanes = new Lanes(8);
    const failed = lanes.exclusive('a', () => Promise.reject(new RangeError('no')));
    const others = ['first', 'second'].map((name) => lanes.exclusive('a', work(name)));
    await expect(failed).rejects.toThrow('no');
    await clock.advance(2);
    await Promise.all(others);
    expect([began, state.most]).toEqual([['first', 'second'], 1]);
  });
});
