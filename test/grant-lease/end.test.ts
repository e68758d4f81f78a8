import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RevokeBy } from '../../lambdas/contracts/access-requests.ts';
import { Broker, refusalOf } from './a-broker.ts';
import { ACCESS, agent, CALLERS, INVENTORY, LEASABLES, person } from './an-inventory.ts';

let broker: Broker;
beforeEach(() => {
  broker = new Broker();
});
afterEach(() => broker.judge.assertClean());

const { rag, indexer, lead, finn, security } = CALLERS;
const bob = person('bob', ['retrieval-lead']);

type Issued = Awaited<ReturnType<Broker['lease']>>;

const revoke = (by: RevokeBy, name?: string) =>
  broker.ask(security, 'revoke', { by, ...(name === undefined ? {} : { name }), reason: 'seen in a log' });

/** One lease of each holder there is in these tests, and one of something else. */
async function some(): Promise<
  Readonly<Record<'rag' | 'indexer' | 'forLead' | 'forBob' | 'payroll', Issued>>
> {
  return {
    rag: await broker.lease(rag, 'store', { purpose: 'answer' }),
    indexer: await broker.lease(indexer, 'store'),
    forLead: await broker.lease(agent('research-agent', lead), 'store'),
    forBob: await broker.lease(agent('research-agent', bob), 'store'),
    payroll: await broker.lease(finn, 'payroll', { breakGlass: 'payday' }),
  };
}

const stillWorking = (all: Readonly<Record<string, Issued>>): readonly string[] =>
  Object.entries(all)
    .filter(([, issued]) => broker.works(issued))
    .map(([name]) => name);

describe('a release', () => {
  it('ends a lease at its target, and gives its place back', async () => {
    const issued = await broker.lease(rag, 'store', { purpose: 'answer' });
    const { lease } = await broker.ask(rag, 'release', { lease: issued.lease.id });
    expect(lease).toMatchObject({ phase: 'ending', end: { why: 'released', by: 'workload:rag-api' } });
    await broker.settle();
    expect(broker.works(issued)).toBe(false);
    expect(broker.leaser.alive()).toEqual([]);
    expect(await broker.row(lease.id)).toMatchObject({ phase: 'ended' });
    expect(broker.ledger.rows('lease-quota').map(({ body }) => body.live)).toEqual([0, 0]);
    expect(broker.ledger.rows('lease-index')).toEqual([]);
    expect(broker.ledger.rows('lease-due')).toEqual([]);
  });

  it('again changes nothing, before and after the lease has ended', async () => {
    const { lease } = await broker.lease(rag, 'store', { purpose: 'answer' });
    const first = await broker.ask(rag, 'release', { lease: lease.id });
    await broker.clock.advance(5);
    const written = broker.audit.entries('store').filter(({ type }) => type === 'decision').length;
    expect(await broker.ask(rag, 'release', { lease: lease.id })).toEqual(first);
    expect(broker.audit.entries('store').filter(({ type }) => type === 'decision')).toHaveLength(written);
    await broker.settle();
    expect((await broker.ask(rag, 'release', { lease: lease.id })).lease).toMatchObject({ phase: 'ended' });
    expect(broker.ledger.rows('lease-ending')).toEqual([]);
  });

  it('waits for no audit', async () => {
    let isAway = false;
    broker = new Broker({
      grant: ({ audit }) => ({
        audit: { append: (entry) => (isAway ? Promise.reject(new Error('away')) : audit.append(entry)) },
      }),
    });
    const { lease } = await broker.lease(rag, 'store', { purpose: 'answer' });
    isAway = true;
    expect((await broker.ask(rag, 'release', { lease: lease.id })).lease.phase).toBe('ending');
  });
});

describe('an order to revoke', () => {
  it.each<[RevokeBy, string | undefined, readonly string[]]>([
    ['leasable', 'store', ['payroll']],
    ['credential', 'vector-store', ['payroll']],
    ['authority', 'lease-admin', []],
    ['principal', 'workload:rag-api', ['indexer', 'forLead', 'forBob', 'payroll']],
    ['principal', 'person:bob', ['rag', 'indexer', 'forLead', 'payroll']],
    ['principal', 'person:finn', ['rag', 'indexer', 'forLead', 'forBob']],
    ['agent', 'research-agent', ['rag', 'indexer', 'payroll']],
    ['all', undefined, []],
  ])('by %s %s ends what it means, and leaves %s', async (by, name, left) => {
    const all = await some();
    const answer = await revoke(by, name);
    expect(answer).toEqual({ ending: Object.keys(all).length - left.length, more: false });
    await broker.settle();
    expect(stillWorking(all)).toEqual(left);
    expect(broker.leaser.alive()).toHaveLength(left.length);
  });

  it('by the id of a lease ends that one', async () => {
    const all = await some();
    expect(await revoke('lease', all.forBob.lease.id)).toEqual({ ending: 1, more: false });
    await broker.settle();
    expect(stillWorking(all)).toEqual(['rag', 'indexer', 'forLead', 'payroll']);
    expect(await revoke('lease', all.forBob.lease.id)).toEqual({ ending: 0, more: false });
    expect(await broker.row(all.forBob.lease.id)).toMatchObject({
      end: { why: 'revoked', by: 'person:sam' },
    });
  });

  it('ends a lease that is still in the making: its value goes nowhere', async () => {
    broker.leases.after = async ({ do: what }) => {
      if (what !== 'issue') return;
      broker.leases.after = async () => undefined;
      await revoke('all');
    };
    const requestId = 'in-the-making';
    expect((await refusalOf(broker.lease(rag, 'store', { purpose: 'answer', requestId }))).code).toBe(
      'LEDGER_CONFLICT',
    );
    await broker.settle();
    expect(broker.leaser.alive()).toEqual([]);
    expect((await refusalOf(broker.lease(rag, 'store', { purpose: 'answer', requestId }))).code).toBe(
      'LEASE_OVER',
    );
  });
});

describe('an order to revoke all', () => {
  it('reaches what the inventory has lost since it was leased', async () => {
    const all = await some();
    const before = broker;
    const { store: _lost, ...rest } = LEASABLES;
    broker = new Broker({
      inventory: { ...INVENTORY, access: { ...ACCESS, leasables: Object.values(rest) } },
      grant: () => ({ ledger: before.ledger }),
    });
    expect((await revoke('all')).ending).toBe(5);
    expect((await before.row(all.rag.lease.id))?.phase).toBe('ending');
    before.judge.assertClean();
  });
});

describe('an order about a lease authority', () => {
  const declared = ACCESS.leaseAuthorities;
  const [first] = declared;
  if (!first) throw new Error('the inventory has no lease authority');
  /** The store was moved to another authority; what was made by the first one stays where it is. */
  const MOVED = {
    ...INVENTORY,
    access: {
      ...ACCESS,
      leaseAuthorities: [...declared, { ...first, name: 'new-admin' }],
      leasables: ACCESS.leasables.map((each) =>
        each.name === 'store' ? { ...each, authority: 'new-admin' } : each,
      ),
    },
  };

  it('ends what that one has made, also of what another one makes by now, and nothing that the other made', async () => {
    const before = await broker.lease(rag, 'store', { purpose: 'answer' });
    const made = broker.ledger;
    broker = new Broker({
      inventory: MOVED,
      target: broker.leaser,
      grant: () => ({ ledger: made }),
      sweep: () => ({ ledger: made }),
    });
    const after = await broker.lease(indexer, 'store');
    expect(await revoke('authority', 'lease-admin')).toEqual({ ending: 1, more: false });
    const phases = await Promise.all(
      [before, after].map(async ({ lease }) => (await made.read('lease', lease.id, 'lease'))?.body.phase),
    );
    expect(phases).toEqual(['ending', 'live']);
    expect(await revoke('authority', 'new-admin')).toEqual({ ending: 1, more: false });
  });

  it('needs the right on everything that it makes, and on everything there is where that is unknown', async () => {
    await some();
    for (const name of ['lease-admin', 'another'])
      expect((await refusalOf(broker.ask(lead, 'revoke', { by: 'authority', name, reason: 'x' }))).code).toBe(
        'POLICY_DENIED',
      );
    expect(broker.ledger.rows('lease-order')).toEqual([]);
  });
});

describe('a name that nothing has', () => {
  it.each<[RevokeBy, string, RegExp]>([
    ['authority', 'lease-admn', /no lease authority called lease-admn/],
    ['credential', 'vector-stor', /stands for a credential called vector-stor$/],
    ['credential', 'lease-admin', /it is a lease authority: revoke-leases authority lease-admin$/],
    ['agent', 'research-agnt', /declares no agent called research-agnt/],
    ['agent', 'agent:research-agent', /declares no agent called agent:research-agent/],
    ['principal', 'workload:rag-ap', /declares no workload called rag-ap/],
    ['principal', 'agent:research-agnt', /declares no agent called research-agnt/],
    ['leasable', 'stor', /declares nothing that is called stor/],
  ])('%s %s is told to whoever may revoke everything, and to nobody else', async (by, name, message) => {
    await some();
    expect(await refusalOf(revoke(by, name))).toMatchObject({
      code: 'UNKNOWN_LEASABLE',
      message: expect.stringMatching(message) as string,
    });
    const stranger = await refusalOf(broker.ask(lead, 'revoke', { by, name, reason: 'x' }));
    expect(stranger.code).toBe('POLICY_DENIED');
    expect(stranger.message).not.toMatch(message);
    expect(broker.ledger.rows('lease-order')).toEqual([]);
  });

  it('has its leases ended all the same, where the inventory has lost it since', async () => {
    const { forBob } = await some();
    const made = broker.ledger;
    broker = new Broker({
      inventory: { ...INVENTORY, access: { ...ACCESS, agents: [] } },
      grant: () => ({ ledger: made }),
    });
    expect(await revoke('agent', 'research-agent')).toEqual({ ending: 2, more: false });
    expect((await made.read('lease', forBob.lease.id, 'lease'))?.body.phase).toBe('ending');
  });
});

describe('an order', () => {
  it('is in the audit with who, whom and why, by which policies', async () => {
    await some();
    await revoke('agent', 'research-agent');
    expect(broker.audit.entries('operations')).toMatchObject([
      {
        type: 'decision',
        action: 'revoke-leases',
        who: { kind: 'person', name: 'sam' },
        why: {
          cause: 'lease',
          reason: 'agent research-agent: seen in a log',
          policies: ['security-revokes'],
        },
      },
    ]);
    await broker.settle();
    const ends = broker.audit.entries('store').filter(({ action }) => action === 'end-lease');
    expect(ends.map(({ type }) => type)).toEqual(['intent', 'outcome']);
    expect(ends[0]).toMatchObject({
      who: { name: 'sweep-leases', via: 'person:sam' },
      why: { reason: 'revoked' },
    });
    expect(ends[0]?.what.leases).toHaveLength(2);
  });
});

describe('the right to revoke', () => {
  it('is needed for everything that may be hit', async () => {
    const all = await some();
    // the lead may revoke leases of the store, and no others
    for (const ask of [
      { by: 'all' },
      { by: 'principal', name: 'workload:rag-api' },
      { by: 'agent', name: 'research-agent' },
      { by: 'leasable', name: 'payroll' },
      { by: 'lease', name: all.payroll.lease.id },
    ] as const)
      expect((await refusalOf(broker.ask(lead, 'revoke', { ...ask, reason: 'x' }))).code).toBe(
        'POLICY_DENIED',
      );
    expect(stillWorking(all)).toHaveLength(5);
    expect(await broker.ask(lead, 'revoke', { by: 'leasable', name: 'store', reason: 'x' })).toEqual({
      ending: 4,
      more: false,
    });
  });

  it('goes to no principal that is none', async () => {
    for (const name of ['rag-api', 'function:target-postgres', 'agent:', `person:${'x'.repeat(600)}`])
      expect((await refusalOf(revoke('principal', name))).code).toBe('MALFORMED_REQUEST');
    expect((await refusalOf(revoke('agent', 'x'.repeat(600)))).code).toBe('MALFORMED_REQUEST');
    expect(broker.ledger.rows('lease-order')).toEqual([]);
  });
});

describe('an order over more than one answer takes', () => {
  it('answers how many have been told, and the rest follows behind it, the dangerous ones first', async () => {
    const many = 130;
    const access = {
      ...ACCESS,
      leasables: ACCESS.leasables.map((each) => ({
        ...each,
        limits: { perPrincipal: 1000, total: 1000, perMinute: 100_000 },
      })),
    };
    broker = new Broker({ inventory: { ...INVENTORY, access } });
    for (let number = 0; number < many; number += 1) await broker.lease(rag, 'store', { purpose: 'answer' });
    const payroll = await broker.lease(finn, 'payroll', { breakGlass: 'payday' });
    expect(await revoke('all')).toEqual({ ending: 76, more: true });
    expect(await broker.row(payroll.lease.id)).toMatchObject({ phase: 'ending' });
    await broker.settle();
    const ended = broker.leases.calls.filter((each) => each.do === 'end');
    expect(ended).toHaveLength(many + 1);
    expect(ended[0]).toMatchObject({ lease: payroll.lease.id });
    expect(broker.leaser.alive()).toEqual([]);
    expect(broker.ledger.rows('lease-order')).toEqual([]);
  });
});
