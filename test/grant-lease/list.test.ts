import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../../lambdas/core/access/caller.ts';
import { Broker, refusalOf } from './a-broker.ts';
import { ACCESS, agent, CALLERS, INVENTORY, person } from './an-inventory.ts';

let broker: Broker;
beforeEach(() => {
  broker = new Broker();
});
afterEach(() => broker.judge.assertClean());

const { rag, indexer, lead, finn, security, stranger } = CALLERS;
const forLead = agent('research-agent', lead);
const forBob = agent('research-agent', person('bob', ['retrieval-lead']));

/** Every lease that a caller is shown, over all pages. */
async function seen(caller: Caller, leasable?: string): Promise<readonly string[]> {
  const ids: string[] = [];
  let after: string | undefined;
  for (let page = 0; page < 50; page += 1) {
    const answer = await broker.ask(caller, 'leases', {
      ...(leasable === undefined ? {} : { leasable }),
      ...(after === undefined ? {} : { after }),
    });
    ids.push(...answer.leases.map(({ id }) => id));
    ({ after } = answer);
    if (after === undefined) return ids;
  }
  throw new Error('pages without an end');
}

describe('leases are shown', () => {
  it('to their holders, to whom they are held for, and to whoever may revoke them', async () => {
    const take = async (caller: Caller, leasable: string, more = {}) =>
      (await broker.lease(caller, leasable, more)).lease.id;
    const of = {
      rag: await take(rag, 'store', { purpose: 'answer' }),
      indexer: await take(indexer, 'store'),
      lead: await take(forLead, 'store'),
      bob: await take(forBob, 'store'),
      finn: await take(finn, 'payroll', { breakGlass: 'payday' }),
    };
    const names = (ids: readonly string[]): readonly string[] =>
      Object.entries(of)
        .filter(([, id]) => ids.includes(id))
        .map(([name]) => name);
    expect(names(await seen(rag))).toEqual(['rag']);
    expect(names(await seen(forLead))).toEqual(['lead']);
    expect(names(await seen(forBob))).toEqual(['bob']);
    expect(names(await seen(finn))).toEqual(['finn']);
    expect(names(await seen(lead))).toEqual(['rag', 'indexer', 'lead', 'bob']);
    expect(names(await seen(person('bob', [])))).toEqual(['bob']);
    expect(names(await seen(security))).toEqual(Object.keys(of));
    expect(names(await seen(security, 'payroll'))).toEqual(['finn']);
    expect(names(await seen(rag, 'payroll'))).toEqual([]);
    expect(names(await seen(stranger))).toEqual([]);
  });

  it('without what is nobody’s business: no digest, no principal, no key', async () => {
    await broker.lease(rag, 'store', { purpose: 'answer' });
    const { leases } = await broker.ask(security, 'leases', {});
    expect(Object.keys(leases[0] ?? {}).sort()).toEqual([
      'expiresAt',
      'failedEnds',
      'holder',
      'id',
      'issuedAt',
      'kind',
      'leasable',
      'longestUntil',
      'phase',
      'purpose',
      'renewals',
    ]);
  });

  it('until they are over; one that its target does not end stays, and shows how often it was tried', async () => {
    const [ended, stuck] = [
      await broker.lease(rag, 'store', { purpose: 'answer' }),
      await broker.lease(rag, 'store', { purpose: 'answer' }),
    ];
    await broker.ask(rag, 'release', { lease: ended.lease.id });
    await broker.settle();
    broker.leaser.isDown = true;
    await broker.ask(rag, 'release', { lease: stuck.lease.id });
    await broker.pass(300);
    expect(await broker.ask(rag, 'leases', {})).toMatchObject({
      leases: [{ id: stuck.lease.id, phase: 'ending', end: { why: 'released' } }],
    });
    expect((await broker.row(stuck.lease.id))?.failedEnds).toBeGreaterThan(1);
  });
});

describe('a list over more than one page', () => {
  it('comes whole, each lease once, however others come and go', async () => {
    const access = {
      ...ACCESS,
      leasables: ACCESS.leasables.map((each) => ({
        ...each,
        limits: { perPrincipal: 1000, total: 1000, perMinute: 100_000 },
      })),
    };
    broker = new Broker({ inventory: { ...INVENTORY, access } });
    const all: string[] = [];
    for (let number = 0; number < 120; number += 1)
      all.push((await broker.lease(rag, 'store', { purpose: 'answer' })).lease.id);
    const first = await broker.ask(rag, 'leases', {});
    expect(first.leases).toHaveLength(50);
    const [gone] = first.leases;
    await broker.ask(rag, 'release', { lease: gone?.id ?? '' });
    await broker.settle();
    const rest = await broker.ask(rag, 'leases', { after: first.after ?? '' });
    const last = await broker.ask(rag, 'leases', { after: rest.after ?? '' });
    const ids = [...first.leases, ...rest.leases, ...last.leases].map(({ id }) => id);
    expect(ids.toSorted()).toEqual(all.toSorted());
    expect(await seen(rag)).toHaveLength(119);
  });

  it('begins only where an answer to the same question may have ended', async () => {
    for (const after of [
      'holder%3Aworkload%3Aindexer|',
      'leasable%3Apayroll|1-x',
      'nonsense',
      '%',
      '|',
      'a|b|c',
    ])
      expect((await refusalOf(broker.ask(rag, 'leases', { after }))).code).toBe('MALFORMED_REQUEST');
  });
});

describe('whoever asks who they are', () => {
  it('hears it as it was recognised, and what they could lease, be it with approvals', async () => {
    expect(await broker.ask(forLead, 'whoami', {})).toEqual({
      caller: 'agent:research-agent',
      actingFor: 'person:lena',
      purposes: ['answer'],
      leasables: ['store'],
      throughProxy: [],
    });
    expect(await broker.ask(finn, 'whoami', {})).toEqual({
      caller: 'person:finn',
      purposes: ['repair'],
      leasables: ['payroll'],
      throughProxy: [],
    });
    expect(await broker.ask(stranger, 'whoami', {})).toMatchObject({ leasables: [] });
  });

  it('hears no more than their session claims', async () => {
    const narrowed = { ...rag, claims: { purposes: ['index'], leases: ['notes'] } };
    expect(await broker.ask(narrowed, 'whoami', {})).toEqual({
      caller: 'workload:rag-api',
      purposes: ['index'],
      leasables: [],
      throughProxy: [],
    });
  });
});
