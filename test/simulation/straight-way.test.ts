import { describe, expect, it } from 'vitest';
import { FINE } from './weather.ts';
import { World } from './world.ts';

describe('x', () => {
  it('goes', async () => {
    const world = new World(
      {
        habits: { store: ['prompt', 'sessions'], agents: ['prompt'], hook: ['prompt'] },
        onDeadline: 'hold-and-page',
        mintsReversibly: false,
      },
      FINE,
    );
    await world.adoptAll();
    for (const { name } of world.inventory.credentials)
      console.log(await world.order({ order: 'rotate', credential: name, reason: 'x' }));
    const t = performance.now();
    await world.pass(3600);
    console.log('ms', performance.now() - t);
    console.log(world.oracle.violations, world.stores.judge.breaches());
    for (const { body } of world.stores.ledger.rows('rotation'))
      console.log(body.credential, body.phase, body.failure, body.adoption);
    console.log(world.stores.vault.writes);
    console.log(world.stores.watch.unanswered());
    expect(1).toBe(1);
  });
});
