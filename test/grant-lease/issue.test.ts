import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Broker, refusalOf } from './a-broker.ts';
import { agent, CALLERS, LEASABLES } from './an-inventory.ts';

let broker: Broker;
beforeEach(() => {
  broker = new Broker();
});
afterEach(() => broker.judge.assertClean());

const { rag, lead } = CALLERS;

describe('a lease', () => {
  it('is issued to whoever policy lets have it, works, and is gone when its time is up', async () => {
    const issued = await broker.lease(rag, 'store', { purpose: 'answer', ttlSeconds: 600 });
    expect(issued.lease).toMatchObject({
      leasable: 'store',
      holder: 'workload:rag-api',
      phase: 'live',
      purpose: 'answer',
    });
    expect(broker.works(issued)).toBe(true);

    await broker.pass(660);

    expect(broker.works(issued)).toBe(false);
    expect(await broker.row(issued.lease.id)).toMatchObject({ phase: 'ended', end: { why: 'expired' } });
    expect(broker.leaser.alive()).toEqual([]);
  });

  it('is written down before it is made, and made before it is said to be live', async () => {
    const seen: unknown[] = [];
    broker.leases.wire('memory', async (command) => {
      const id = 'lease' in command ? command.lease : '';
      seen.push([(await broker.row(id))?.phase, broker.audit.entries('store').map(({ type }) => type)]);
      return {
        key: `memory_l_${id}`,
        value: new (await import('../../lambdas/core/secret.ts')).Secret('{"secret":"x"}'),
      };
    });
    await broker.ask(rag, 'lease', { leasable: 'store', requestId: 'r', purpose: 'answer' });
    expect(seen).toEqual([['issuing', ['intent']]]);
    expect(broker.audit.entries('store').map(({ type, action }) => `${type} ${action}`)).toEqual([
      'intent lease',
      'outcome lease',
    ]);
  });

  it('carries the policies that decided, in the ledger and in the audit', async () => {
    const { lease } = await broker.lease(agent('research-agent', lead), 'store');
    expect((await broker.row(lease.id))?.policies).toEqual(['agents-may-answer', 'retrieval-uses-its-store']);
    expect(broker.audit.entries('store')[0]).toMatchObject({
      who: { kind: 'agent', name: 'research-agent', via: 'grant-lease' },
      what: { lease: lease.id, actingFor: 'person:lena' },
      why: { cause: 'lease', purpose: 'answer', policies: ['agents-may-answer', 'retrieval-uses-its-store'] },
    });
  });

  it('is told its rules of use', async () => {
    expect((await broker.lease(rag, 'store', { purpose: 'index' })).egress).toEqual(LEASABLES.store.egress);
  });
});

describe('a request', () => {
  it('is never answered with a value twice', async () => {
    const requestId = 'the-same';
    await broker.lease(rag, 'store', { purpose: 'answer', requestId });
    const again = await refusalOf(broker.lease(rag, 'store', { purpose: 'answer', requestId }));
    expect(again.code).toBe('ALREADY_HANDED_OVER');
    expect(broker.leaser.alive()).toHaveLength(1);
  });
});
