import { afterEach, describe, expect, it } from 'vitest';
import type { Ledger } from '../../lambdas/core/ports/ledger.ts';
import { Broker, refusalOf } from './a-broker.ts';
import { ACCESS, agent, CALLERS, INVENTORY } from './an-inventory.ts';

const { rag, lead, security } = CALLERS;
const answer = { purpose: 'answer', ttlSeconds: 600 } as const;

interface Cost {
  calls: number;
  rows: number;
  writes: number;
}

function counted(ledger: Ledger, cost: Cost): Ledger {
  const of = async <T>(rows: (result: T) => number, call: Promise<T>): Promise<T> => {
    const result = await call;
    cost.calls += 1;
    cost.rows += rows(result);
    return result;
  };
  return {
    read: (...given) => of((row) => (row ? 1 : 0), ledger.read(...given)),
    list: (...given) => of((rows) => rows.length, ledger.list(...given)),
    page: (...given) => of((rows) => rows.length, ledger.page(...given)),
    commit: (writes, events) => {
      cost.writes += writes.length;
      return of(() => 0, ledger.commit(writes, events));
    },
  };
}

let broker: Broker;
afterEach(() => broker.judge.assertClean());

/** What each ask costs where so many leases exist: calls of the ledger, rows that were read, rows that were written. */
async function costsWith(leases: number): Promise<Readonly<Record<string, Cost>>> {
  const cost: Cost = { calls: 0, rows: 0, writes: 0 };
  const access = {
    ...ACCESS,
    leasables: ACCESS.leasables.map((each) => ({
      ...each,
      limits: { perPrincipal: 100_000, total: each.name === 'notes' ? 1 : 100_000, perMinute: 1_000_000 },
    })),
  };
  broker = new Broker({
    inventory: { ...INVENTORY, access },
    grant: ({ ledger }) => ({ ledger: counted(ledger, cost) }),
  });
  const some: Awaited<ReturnType<Broker['lease']>>[] = [];
  for (let number = 0; number < leases; number += 1) some.push(await broker.lease(rag, 'store', answer));
  const costs: Record<string, Cost> = {};
  const measure = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    Object.assign(cost, { calls: 0, rows: 0, writes: 0 });
    await work();
    costs[name] = { ...cost };
  };
  const id = some[0]?.lease.id ?? '';
  await measure('lease', () => broker.lease(rag, 'store', answer));
  await measure('lease for a person', () => broker.lease(agent('research-agent', lead), 'store', answer));
  await measure('renew', () => broker.ask(rag, 'renew', { lease: id, ttlSeconds: 1800 }));
  await measure('release', () => broker.ask(rag, 'release', { lease: id }));
  await measure('revoke one', () =>
    broker.ask(lead, 'revoke', { by: 'lease', name: some[1]?.lease.id ?? '', reason: 'x' }),
  );
  await measure('revoke all', () => broker.ask(security, 'revoke', { by: 'all', reason: 'x' }));
  await measure('list', () => broker.ask(lead, 'leases', {}));
  return costs;
}

describe('what an ask costs', () => {
  it('is the same with ten leases and with hundreds', async () => {
    const [few, many] = [await costsWith(10), await costsWith(400)];
    for (const name of ['lease', 'lease for a person', 'renew', 'release', 'revoke one'])
      expect(many[name], name).toEqual(few[name]);
    expect(few['lease']?.calls).toBeLessThanOrEqual(8);
    expect(few['lease for a person']?.calls).toBeLessThanOrEqual(9);
  });

  it('has a bound where it is about many', async () => {
    const [hundreds, more] = [await costsWith(200), await costsWith(400)];
    for (const name of ['revoke all', 'list']) expect(more[name], name).toEqual(hundreds[name]);
  });

  it('has a bound for whoever is refused, however many leases there are', async () => {
    const rowsWith = async (leases: number): Promise<number> => {
      const cost: Cost = { calls: 0, rows: 0, writes: 0 };
      const limits = { perPrincipal: leases, total: 100_000, perMinute: 1_000_000 };
      const access = { ...ACCESS, leasables: ACCESS.leasables.map((each) => ({ ...each, limits })) };
      broker = new Broker({
        inventory: { ...INVENTORY, access },
        grant: ({ ledger }) => ({ ledger: counted(ledger, cost) }),
      });
      for (let number = 0; number < leases; number += 1) await broker.lease(rag, 'store', answer);
      Object.assign(cost, { calls: 0, rows: 0, writes: 0 });
      expect((await refusalOf(broker.lease(rag, 'store', answer))).code).toBe('LEASE_LIMIT');
      expect(cost.writes).toBe(0);
      return cost.rows;
    };
    expect(await rowsWith(300)).toBe(await rowsWith(50));
  });
});
