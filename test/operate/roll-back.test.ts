import { describe, expect, it } from 'vitest';
import { LockstepError } from '../../lambdas/core/errors.ts';
import {
  aWorldOf,
  currentOf,
  dependentOf,
  dieAt,
  expectClean,
  lastRotation,
  rotate,
  standingAt,
  until,
} from '../simulation/stage.ts';

const rollBack = { order: 'roll-back', credential: 'store', reason: 'a test' } as const;

describe('the order to roll back', () => {
  it('is refused for the rotation that answers a breach: there is nothing to go back to', async () => {
    const world = await aWorldOf('store', 'silent');
    await world.insist({ order: 'revoke-breach', credential: 'store', reason: 'a leak' });

    expect(await world.order(rollBack)).toMatch(/^PREDECESSOR_REVOKED/);

    expect(lastRotation(world, 'store').phase).toBe('adopting');
  });

  it('is refused where no rotation is under way, and once the predecessor is gone', async () => {
    const world = await aWorldOf('store', 'prompt');
    expect(await world.order(rollBack)).toMatch(/^OUT_OF_ORDER/);
    await rotate(world, 'store');
    await until(world, 'store', ['retired']);
    expect(await world.order(rollBack)).toMatch(/^OUT_OF_ORDER/);
    expectClean(world);
  });
});

describe('the order to roll back what only the vault knows to be promoted', () => {
  it('is put off until the ledger knows it as well, and then goes the way back with everybody', async () => {
    // given a process that died between the move and its record, and nobody who looks at the vault meanwhile
    const world = await aWorldOf('store', 'prompt');
    const first = currentOf(world, 'store');
    await dieAt(world, 'vault.moveCurrent', 'after', () => rotate(world, 'store'));
    world.stores.outages.add('vault.describe');
    expect(await world.order(rollBack)).toMatch(/^LOCK_HELD/);
    await world.pass(61);

    // when the lock has run out, and the order comes before any step and before reconcile
    expect(await world.order(rollBack)).toMatch(/^VAULT_UNAVAILABLE/);
    expect(lastRotation(world, 'store').phase).toBe('verified');
    world.stores.outages.clear();
    expect(await world.order(rollBack)).toMatch(/^NOT_YET/);

    // then reconcile was called, and the order is carried out the next time
    await world.pass(2);
    expect(typeof (await world.order(rollBack))).toBe('object');
    await until(world, 'store', ['rolled-back']);
    expect(currentOf(world, 'store')).toBe(first);
    expect(dependentOf(world, 'store-0-prompt').versionsInUse()).toEqual([first]);
    expectClean(world);
  });

  it('waits for the lock of a promotion that could not be written down, since a look may come too early', async () => {
    const world = await aWorldOf('store', 'prompt');
    const { ledger } = world.stores;
    const commit = ledger.commit.bind(ledger);
    const moving = await standingAt(world, 'vault.moveCurrent', 'after', () => rotate(world, 'store'));
    ledger.commit = (writes, events) =>
      writes.some(({ family }) => family === 'rotation')
        ? Promise.reject(new LockstepError('LEDGER_UNAVAILABLE', 'no answer'))
        : commit(writes, events);
    moving.goOn();
    await world.settle();
    ledger.commit = commit;

    expect(await world.order(rollBack)).toMatch(/^LOCK_HELD/);

    await until(world, 'store', ['retired']);
    expectClean(world);
  });

  it('finds the lock free where the move was refused: nothing has happened', async () => {
    const world = await aWorldOf('store', 'prompt');
    const moving = await standingAt(world, 'vault.moveCurrent', 'before', () => rotate(world, 'store'));
    const { vault } = world.stores;
    const moved = vault.moveCurrent.bind(vault);
    vault.moveCurrent = () => Promise.reject(new LockstepError('LABEL_CONFLICT', 'AWSCURRENT is elsewhere'));
    moving.goOn();
    await world.settle();
    vault.moveCurrent = moved;

    expect(typeof (await world.order(rollBack))).toBe('object');
    expect(lastRotation(world, 'store').phase).toBe('abandoned');
  });
});

describe('the order to roll back what is changed in place', () => {
  const order = { ...rollBack, credential: 'db-admin' };

  it('gives it up before it has begun, and is refused from then on', async () => {
    const world = await aWorldOf('store', 'prompt');
    const starting = await standingAt(world, 'vault.startRotation', 'before', () =>
      rotate(world, 'db-admin'),
    );
    expect(typeof (await world.order(order))).toBe('object');
    starting.goOn();
    await world.pass(600);
    expect(lastRotation(world, 'db-admin').phase).toBe('abandoned');

    const installing = await standingAt(world, 'target.install', 'before', () => rotate(world, 'db-admin'));
    expect(await world.order(order)).toMatch(/^NOT_SUPPORTED/);
    installing.goOn();
    await until(world, 'db-admin', ['retired']);
    expectClean(world);
  });

  it.each([
    ['has its value', 'target.install', 'before'],
    ['has been promoted', 'vault.moveCurrent', 'after'],
  ] as const)(
    'is refused as well where it %s by the time that the order arrives',
    async (_what, call, moment) => {
      const world = await aWorldOf('store', 'prompt');
      const starting = await standingAt(world, 'vault.startRotation', 'before', () =>
        rotate(world, 'db-admin'),
      );
      const ordering = world.standstills.at('audit.append', 'before', ([record]) =>
        JSON.stringify(record).includes('"action":"roll-back"'),
      );
      const answer = world.giveOrder(order);
      await world.settle();
      expect(ordering.isReached).toBe(true);

      const going = await standingAt(world, call, moment, async () => starting.goOn());
      if (moment === 'after') going.goOn();
      await world.settle();
      ordering.goOn();
      await world.pass(5);
      going.goOn();

      // while somebody installs, the lock is theirs, and the order has to be given again
      expect(await answer).toMatch(moment === 'after' ? /^NOT_SUPPORTED/ : /^LOCK_HELD/);
      await until(world, 'db-admin', ['retired']);
      expectClean(world);
    },
  );
});
