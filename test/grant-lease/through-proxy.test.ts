import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccessAsks } from '../../lambdas/contracts/access-requests.ts';
import { Broker, refusalOf } from './a-broker.ts';
import { ACCESS, CALLERS, INVENTORY, LEASABLES } from './an-inventory.ts';

let broker: Broker;
beforeEach(() => {
  broker = new Broker();
});
afterEach(() => broker.judge.assertClean());

const { finn, rag, stranger } = CALLERS;
const ask = (caller: Parameters<Broker['ask']>[0], more: Partial<AccessAsks['lease']>) =>
  broker.ask(caller, 'lease', { leasable: 'store', requestId: 'r', through: 'proxy', ...more });

/** Nothing was made, written down, asked or told. */
async function expectNothingDone(): Promise<void> {
  await broker.settle();
  expect(broker.pages).toEqual([]);
  expect(broker.leases.calls).toEqual([]);
  for (const family of ['lease', 'lease-ask', 'lease-review', 'approval'] as const)
    expect(broker.ledger.rows(family)).toEqual([]);
}

describe('a lease for the proxy of what has no place there', () => {
  it.each([
    ['that policy gives', rag, { purpose: 'answer' }],
    ['that people would have to approve', finn, { leasable: 'payroll' }],
    ['by breaking the glass', finn, { leasable: 'payroll', breakGlass: 'payroll is down' }],
  ] as const)('%s is refused before anything is done', async (_what, caller, more) => {
    const refusal = await refusalOf(ask(caller, more));
    expect(refusal).toMatchObject({ code: 'COMMAND_INVALID' });
    expect(refusal.message).toContain('no place where');
    await expectNothingDone();
  });

  it('tells strangers nothing: neither that there is such a thing, nor that it has no place', async () => {
    const plain = await refusalOf(ask(stranger, { leasable: 'nothing-of-that-name', purpose: 'answer' }));
    const refusal = await refusalOf(ask(stranger, { purpose: 'answer' }));
    expect([refusal.code, refusal.message]).toEqual([plain.code, plain.message]);
    expect(refusal.code).toBe('POLICY_DENIED');
  });
});

describe('what has a place', () => {
  const egress = [
    {
      host: 'store.example.com',
      port: 443,
      network: 'public',
      paths: ['/'],
      methods: ['GET'],
      put: { into: 'header', name: 'authorization', prefix: 'Bearer ', field: 'secret' },
    },
  ] as const;
  beforeEach(() => {
    const leasables = [{ ...LEASABLES.store, egress }, LEASABLES.notes];
    broker = new Broker({ inventory: { ...INVENTORY, access: { ...ACCESS, leasables } } });
  });

  it('is leased for the proxy, and named among what it can use', async () => {
    const { lease } = await broker.lease(rag, 'store', { purpose: 'answer', through: 'proxy' });
    expect(lease.phase).toBe('live');
    expect(await broker.ask(rag, 'whoami', {})).toMatchObject({ throughProxy: ['store'] });
  });
});
