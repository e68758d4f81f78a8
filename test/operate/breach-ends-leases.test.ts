import { describe, expect, it } from 'vitest';
import { NO_ACCESS, type AccessInventory } from '../../lambdas/core/access/access-inventory.ts';
import type { LockstepEvent } from '../../lambdas/core/events.ts';
import { LEASABLES } from '../grant-lease/an-inventory.ts';
import { aWorldOf } from '../simulation/stage.ts';
import type { World } from '../simulation/world.ts';

const breach = { order: 'revoke-breach', credential: 'store', reason: 'seen in a log' } as const;

/** A world in which something that can be leased stands for a credential, and everything that is published in it. */
async function aWorldWhere(standsFor: string): Promise<readonly [World, LockstepEvent[]]> {
  const world = await aWorldOf('store', 'prompt');
  const access: AccessInventory = { ...NO_ACCESS, leasables: [{ ...LEASABLES.store, standsFor }] };
  Object.assign(world.inventory, { access });
  const { bus } = world.stores;
  const published: LockstepEvent[] = [];
  const publish = bus.publish.bind(bus);
  bus.publish = async (events) => {
    published.push(...events);
    await publish(events);
  };
  return [world, published];
}

const toldOf = (published: readonly LockstepEvent[]) =>
  published.flatMap((event) => (event.type === 'credential.breached' ? [event.detail] : []));

describe('breach mode tells the sweeper', () => {
  it('where leases stand for the credential', async () => {
    const [world, published] = await aWorldWhere('store');
    await world.order(breach);
    await world.pass(5);
    expect(toldOf(published)).toEqual([{ credential: 'store', by: 'an operator', reason: 'seen in a log' }]);
  });

  it('whatever the target says to it', async () => {
    const [world, published] = await aWorldWhere('store');
    world.stores.targetOf({ kind: 'db' }).stopNow = () => Promise.reject(new Error('the process died'));
    await world.order(breach).catch(() => undefined);
    await world.pass(5);
    expect(toldOf(published)).toHaveLength(1);
  });

  it('and nobody where none do', async () => {
    const [world, published] = await aWorldWhere('another');
    await world.order(breach);
    await world.pass(5);
    expect(toldOf(published)).toEqual([]);
  });
});
