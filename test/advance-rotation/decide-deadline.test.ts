import { describe, expect, it } from 'vitest';
import { aWorld, currentOf, expectClean, lastRotation, rotate, until, untilSo } from '../simulation/stage.ts';
import { TIMES } from '../simulation/cast.ts';

describe('the deadline', () => {
  it('with hold-and-page holds, pages once, and keeps both versions working', async () => {
    const world = await aWorld({ store: ['silent', 'prompt'] });
    await rotate(world, 'store');

    await world.pass(3 * TIMES.deadline);

    const { phase, deadlineDecidedAt } = lastRotation(world, 'store');
    expect([phase, deadlineDecidedAt === undefined]).toEqual(['adopting', false]);
    expect(world.stores.pager.incidents).toMatchObject([{ subject: 'store', severity: 'high' }]);
    expectClean(world);
  });

  it('pages again, as another incident, when whoever was forced past it is seen on the old version', async () => {
    const world = await aWorld({ store: ['silent'] });
    await rotate(world, 'store');
    await untilSo(world, () => world.stores.pager.incidents.length === 1, 'the first deadline');
    const dependents = ['store-0-silent'];
    await world.order({ order: 'force', credential: 'store', dependents, reason: 'it is gone' });
    await world.order({ order: 'release', credential: 'store', reason: 'it is gone' });

    // it is not gone: its session is seen, and its adoption waited for again
    await until(world, 'store', ['adopted'], 1);
    await until(world, 'store', ['adopting'], 10);
    expect(lastRotation(world, 'store').adoption).toEqual({});
    await world.pass(2 * TIMES.deadline);

    const title = 'store: a dependent has not moved';
    expect(world.stores.pager.incidents).toMatchObject([{ title }, { title }]);
    expectClean(world);
  });

  it('with retire-anyway retires on the record, naming whom it left behind', async () => {
    const world = await aWorld({ hook: ['silent', 'prompt'] }, { onDeadline: 'retire-anyway' });
    await rotate(world, 'hook');

    const { adoption } = await until(world, 'hook', ['retired'], 60);

    expect(adoption).toMatchObject({
      'hook-0-silent': { by: 'deadline-policy' },
      'hook-1-prompt': { by: 'acknowledgement' },
    });
    const decisions = world.stores.audit.entries('hook').filter(({ action }) => action === 'deadline');
    expect(decisions).toMatchObject([
      { type: 'decision', why: { reason: expect.stringContaining('hook-0-silent') as string } },
    ]);
    expectClean(world);
  });
});

describe('the deadline whose policy is roll-back', () => {
  it('goes back to the version that everybody can use', async () => {
    const world = await aWorld({ store: ['prompt', 'silent'] }, { onDeadline: 'roll-back' });
    const first = currentOf(world, 'store');
    await rotate(world, 'store');

    await until(world, 'store', ['rolling-back'], 60);
    await world.pass(600);

    // the silent one never says that it returned, so the version that is given up lives on, held and paged
    expect(currentOf(world, 'store')).toBe(first);
    expect(lastRotation(world, 'store').rollback?.returned).toMatchObject({ 'store-0-prompt': {} });
    await world.pass(2 * TIMES.deadline);
    expect(lastRotation(world, 'store').phase).toBe('rolling-back');
    expect(world.stores.pager.incidents.map(({ title }) => title)).toEqual([
      'store: rolled back at its deadline',
      'store: not everybody has returned',
    ]);
    // only the second one holds the credential, and says so
    expect(world.stores.pager.incidents.map(({ reasons }) => reasons.join().includes('is held'))).toEqual([
      false,
      true,
    ]);
    expectClean(world);
  });

  it('holds and pages where a breach has left nothing to go back to', async () => {
    const world = await aWorld({ store: ['silent'] }, { onDeadline: 'roll-back' });
    await world.insist({ order: 'revoke-breach', credential: 'store', reason: 'a leak' });

    await world.pass(3 * TIMES.deadline);

    expect(lastRotation(world, 'store').phase).toBe('adopting');
    expect(currentOf(world, 'store')).toBe(lastRotation(world, 'store').token);
    expectClean(world);
  });
});
