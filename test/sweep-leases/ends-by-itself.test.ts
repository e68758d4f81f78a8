import { afterEach, describe, expect, it } from 'vitest';
import type { LeaseFunctions } from '../../lambdas/core/ports/lease-functions.ts';
import { Broker } from '../grant-lease/a-broker.ts';
import { CALLERS } from '../grant-lease/an-inventory.ts';

let broker: Broker;
afterEach(() => broker.judge.assertClean());

const { indexer, security } = CALLERS;
const TTL = 1800;
const debt = (): number | undefined => broker.metrics.last('lockstep_lease_debt', { target: 'lease-admin' });
const aBroker = () =>
  new Broker({
    capabilities: { revocable: false, renewable: false, listsOurs: false, expiresAtTarget: true },
  });

describe('a lease that nobody can end sooner', () => {
  it('is no debt where its holder gave it back, and is over when its target has ended it', async () => {
    broker = aBroker();
    const issued = await broker.lease(indexer, 'store', { ttlSeconds: TTL });
    await broker.ask(indexer, 'release', { lease: issued.lease.id });
    await broker.pass(TTL - 120);
    expect(debt()).toBe(0);
    expect(broker.works(issued)).toBe(true);
    expect(await broker.row(issued.lease.id)).toMatchObject({ phase: 'ending', end: { why: 'released' } });

    await broker.pass(1200);
    expect(broker.works(issued)).toBe(false);
    expect(await broker.row(issued.lease.id)).toMatchObject({ phase: 'ended' });
    expect(debt()).toBe(0);
  });

  it('is a debt from the moment that somebody ordered its end', async () => {
    broker = aBroker();
    const issued = await broker.lease(indexer, 'store', { ttlSeconds: TTL });
    await broker.ask(security, 'revoke', { by: 'lease', name: issued.lease.id, reason: 'a leak' });
    await broker.pass(600);
    expect(broker.works(issued)).toBe(true);
    expect(debt()).toBe(1);
    await broker.pass(TTL + 600);
    expect(await broker.row(issued.lease.id)).toMatchObject({ phase: 'ended' });
    expect(debt()).toBe(0);
  });

  it('is a debt where its time is over and it is not known to be', async () => {
    broker = aBroker();
    const issued = await broker.lease(indexer, 'store', { ttlSeconds: TTL });
    await broker.ask(indexer, 'release', { lease: issued.lease.id });
    await broker.pass(600);
    broker.leaser.isDown = true;
    await broker.pass(TTL);
    expect(debt()).toBe(1);
    broker.leaser.isDown = false;
    await broker.pass(1200);
    expect(await broker.row(issued.lease.id)).toMatchObject({ phase: 'ended' });
  });
});

it('a lease that its target could end, and goes on accepting, is a debt, whoever gave it back', async () => {
  const accepting = (leases: LeaseFunctions): LeaseFunctions => ({
    call: async (kind, command) => {
      const answer = await leases.call(kind, command);
      return 'refused' in answer ? { ...answer, refused: 'accepted' } : answer;
    },
  });
  broker = new Broker({ sweep: ({ leases }) => ({ leases: accepting(leases) }) });
  const issued = await broker.lease(indexer, 'store', { ttlSeconds: TTL });
  await broker.ask(indexer, 'release', { lease: issued.lease.id });
  await broker.pass(600);
  expect(debt()).toBe(1);
});
