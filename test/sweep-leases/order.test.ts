import { afterEach, describe, expect, it } from 'vitest';
import { Broker } from '../grant-lease/a-broker.ts';
import { ACCESS, CALLERS, INVENTORY, LEASABLES } from '../grant-lease/an-inventory.ts';

let broker: Broker;
afterEach(() => broker.judge.assertClean());

const { indexer, security } = CALLERS;

/** The same store under three names, as dangerous as the name says, for whoever may have the store. */
const TIERS = [2, 0, 1] as const;
const INVENTORY_OF_TIERS = {
  ...INVENTORY,
  access: {
    ...ACCESS,
    leasables: TIERS.map((tier) => ({
      ...LEASABLES.store,
      name: `store-${tier}`,
      tier,
      limits: { perPrincipal: 500, total: 500, perMinute: 5000 },
    })),
  },
};

/** Leases of all tiers, none of them in order. */
async function aCrowd(each: number, ttlSeconds = 600): Promise<void> {
  broker = new Broker({ inventory: INVENTORY_OF_TIERS, capabilities: { expiresAtTarget: false } });
  broker.policy.rules = [
    { id: 'all', who: ['Agent:indexer'], actions: ['lease', 'renew'] },
    { id: 'revokes', who: ['Role:security'], actions: ['revoke'] },
  ];
  for (let count = 0; count < each; count += 1)
    for (const tier of TIERS) await broker.lease(indexer, `store-${tier}`, { ttlSeconds });
}

/** The tiers of what was ended at the target, in the order in which it was. */
const endedTiers = (): readonly string[] =>
  broker.leases.calls.flatMap((call) => (call.do === 'end' ? [call.leasable.slice(-1)] : []));

const inOrder = (each: number): readonly string[] =>
  ['0', '1', '2'].flatMap((tier) => Array.from({ length: each }, () => tier));

describe('leases are ended in the order of danger', { timeout: 60_000 }, () => {
  it('when they are over in the same minute', async () => {
    await aCrowd(40);
    await broker.clock.advance(660);
    await broker.round();
    expect(endedTiers()).toEqual(inOrder(40));
    expect(broker.leaser.alive()).toEqual([]);
  });

  it('when all of them are revoked', async () => {
    await aCrowd(40);
    await broker.ask(security, 'revoke', { by: 'all', reason: 'a test' });
    await broker.settle();
    expect(endedTiers()).toEqual(inOrder(40));
  });

  it('when all of one holder are revoked, whatever they are of', async () => {
    await aCrowd(40);
    await broker.ask(security, 'revoke', { by: 'agent', name: 'indexer', reason: 'a test' });
    await broker.settle();
    expect(endedTiers()).toEqual(inOrder(40));
  });

  it('when a target comes back after hours in which all became due', async () => {
    await aCrowd(40);
    broker.leaser.isDown = true;
    await broker.pass(4 * 3600);
    broker.leases.calls.length = 0;
    broker.leaser.isDown = false;
    await broker.pass(360);
    expect(endedTiers()).toEqual(inOrder(40));
  });
});

describe('a round has a budget', { timeout: 60_000 }, () => {
  it('and what it leaves is gone on with at once, not when the clock says so', async () => {
    await aCrowd(100);
    await broker.ask(security, 'revoke', { by: 'all', reason: 'a test' });
    await broker.round();
    expect(endedTiers()).toHaveLength(200);
    await broker.settle();
    expect(broker.leaser.alive()).toEqual([]);
    expect(broker.ledger.rows('lease-ending')).toEqual([]);
  });

  it('and two who come at once do not ask a target for twice as much', async () => {
    await aCrowd(100);
    await broker.ask(security, 'revoke', { by: 'all', reason: 'a test' });
    await Promise.all([broker.round(), broker.round(), broker.round()]);
    expect(endedTiers()).toHaveLength(200);
    await broker.settle();
    expect(broker.ledger.rows('lease-ending')).toEqual([]);
  });

  it('and whoever died at a target holds it up for a minute at the longest', async () => {
    await aCrowd(1);
    broker.leases.call = () => Promise.reject(new Error('died'));
    await broker.ask(security, 'revoke', { by: 'all', reason: 'a test' });
    const commit = broker.ledger.commit.bind(broker.ledger);
    broker.ledger.commit = async (writes, events) => {
      // The process is gone: nobody says that the target is free again.
      if (writes.some(({ family, expected }) => family === 'lease-target' && expected > 0)) return;
      return commit(writes, events);
    };
    await expect(broker.round()).rejects.toThrow('died');
    broker.ledger.commit = commit;
    Reflect.deleteProperty(broker.leases, 'call');
    await broker.pass(30);
    expect(broker.leaser.alive()).toHaveLength(3);
    await broker.pass(60);
    expect(broker.leaser.alive()).toEqual([]);
  });
});
