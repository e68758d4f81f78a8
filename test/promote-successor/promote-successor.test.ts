import { describe, expect, it } from 'vitest';
import { aWorldOf, dieAt, expectClean, rotate, until } from '../simulation/stage.ts';

describe('promotion', () => {
  it.each([
    ['the label is moved', 'vault.moveCurrent'],
    ['the ledger has heard of it', 'ledger.commit'],
  ] as const)('has an outcome in the audit also when the process dies after %s', async (_what, call) => {
    // given a rotation whose process dies on the way from the label's move to the last word about it
    const world = await aWorldOf('store', 'prompt');
    await dieAt(world, 'vault.moveCurrent', 'after', () => rotate(world, 'store'));
    if (call === 'ledger.commit') await dieAt(world, call, 'after');

    // when it goes on in another process
    const { token } = await until(world, 'store', ['retired']);

    // then the intent has been answered
    const entries = world.stores.audit.entries('store');
    const promoted = entries.filter(({ action, what }) => action === 'promote' && what.rotation === token);
    expect(promoted.map(({ type }) => type)).toEqual(['intent', 'outcome']);
    expect(world.stores.watch.unanswered()).toEqual([]);
    expectClean(world);
  });

  it('lets the lock go with the last word about it, so that nothing behind it has to wait', async () => {
    const world = await aWorldOf('store', 'silent');
    await rotate(world, 'store');
    await until(world, 'store', ['adopting'], 1);

    const [lock] = world.stores.ledger.rows('lock').filter(({ credential }) => credential === 'store');
    expect(Date.parse(lock?.body.until ?? '')).toBeLessThan(world.time.now().getTime());
    expectClean(world);
  });

  it('gives a stored value its outcome also when the process dies right after the put', async () => {
    const world = await aWorldOf('store', 'prompt');
    await dieAt(world, 'vault.putPending', 'after', () => rotate(world, 'store'));

    await until(world, 'store', ['retired']);

    const puts = world.stores.audit.entries('store').filter(({ action }) => action === 'put-pending');
    expect(puts.map(({ type }) => type)).toEqual(['intent', 'outcome']);
    expectClean(world);
  });
});
