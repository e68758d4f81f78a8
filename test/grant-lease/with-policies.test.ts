import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPolicyEngine } from '../../lambdas/cedar/cedar-engine.ts';
import type { Caller } from '../../lambdas/core/access/caller.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';
import { grantLease } from '../../lambdas/grant-lease/grant-lease.ts';
import { policiesOf, thePolicies } from '../cedar/the-policies.ts';
import { Broker, refusalOf } from './a-broker.ts';
import { ACCESS, agent, CALLERS, INVENTORY, person, workload } from './an-inventory.ts';
import { approveBy, askFor } from './approved.ts';

/*
 * The broker and the policies that come with Lockstep, decided by the engine itself: elsewhere here a table stands in.
 */

const { rag, stranger, indexer, finn, fred, faye } = CALLERS;
const onCall = person('olga', ['on-call']);
const inventory: Inventory = {
  ...INVENTORY,
  workloads: ['rag-api', 'stranger', 'research', 'indexer'].map((name) => ({
    name,
    principal: `arn:aws:iam::111111111111:role/${name}`,
  })),
  access: {
    ...ACCESS,
    roles: [...ACCESS.roles, { name: 'on-call', groups: [], principals: [] }],
    purposeBindings: [...ACCESS.purposeBindings, { principal: 'role:on-call', purposes: ['repair'] }],
  },
};

/** The same, where things are leased for hours. */
const longLeases: Inventory = {
  ...inventory,
  access: {
    ...ACCESS,
    ...inventory.access,
    leasables: ACCESS.leasables.map((leasable) => ({
      ...leasable,
      ttl: { defaultSeconds: 900, maximumSeconds: 14_400, longestSeconds: 43_200 },
    })),
  },
};

let broker: Broker;
const withPolicies = (bundle = thePolicies(), known = inventory): Broker =>
  new Broker({
    inventory: known,
    grant: () => ({ policy: openPolicyEngine({ bundle, inventory: known }) }),
  });
beforeEach(() => {
  broker = withPolicies();
});
afterEach(() => broker.judge.assertClean());

const codeOf = async (call: Promise<unknown>): Promise<string> => (await refusalOf(call)).code;

describe('with the policies that come with Lockstep', () => {
  it('a team leases its own, for what it may be leased for, and nobody else does', async () => {
    const { lease } = await broker.lease(rag, 'store', { purpose: 'answer' });
    expect((await broker.row(lease.id))?.policies).toEqual(['team-leases-its-own']);
    await broker.ask(rag, 'renew', { lease: lease.id });
    await broker.lease(indexer, 'store');
    expect(await codeOf(broker.lease(stranger, 'store', { purpose: 'answer' }))).toBe('POLICY_DENIED');
    expect(await codeOf(broker.lease(stranger, 'payroll', { purpose: 'repair' }))).toBe('POLICY_DENIED');
  });

  it('the dangerous needs two people of its team, who are not the one who asks', async () => {
    const { id, ask } = await askFor(broker, finn);
    expect(await codeOf(approveBy(broker, id, finn))).toBe('APPROVAL_REFUSED');
    expect(await codeOf(approveBy(broker, id, CALLERS.lead))).toBe('POLICY_DENIED');
    await approveBy(broker, id, fred);
    expect(await broker.ask(finn, 'lease', { ...ask, approval: id })).toMatchObject({
      status: 'approval-needed',
      approval: id,
    });
    await approveBy(broker, id, faye);
    const { lease } = await broker.lease(finn, 'payroll', { ...ask, approval: id });
    expect(lease.phase).toBe('live');
  });

  it('a person without a second factor gets nothing and approves nothing', async () => {
    const { id } = await askFor(broker, finn);
    expect(await codeOf(approveBy(broker, id, { ...fred, mfa: false }))).toBe('POLICY_DENIED');
    expect(await codeOf(askFor(broker, { ...finn, mfa: false }))).toBe('POLICY_DENIED');
  });

  it('on-call breaks the glass, for half an hour, and nobody else does', async () => {
    const breakGlass = 'payroll burns';
    expect(await codeOf(broker.lease(onCall, 'payroll', { ttlSeconds: 900 }))).toBe('POLICY_DENIED');
    const issued = await broker.lease(onCall, 'payroll', { breakGlass, ttlSeconds: 1800 });
    expect(await broker.row(issued.lease.id)).toMatchObject({ policies: ['on-call-breaks-the-glass'] });
    expect(await codeOf(broker.lease(finn, 'payroll', { breakGlass }))).toBe('POLICY_DENIED');
    await broker.ask(fred, 'review', { lease: issued.lease.id, note: 'all there' });
    expect(await broker.ask(onCall, 'revoke', { by: 'all', reason: 'over' })).toEqual({
      ending: 1,
      more: false,
    });
  });
});

describe('a refusal names what denied', () => {
  const shared = {
    ...inventory,
    access: {
      ...ACCESS,
      ...inventory.access,
      workloadOwners: { ...ACCESS.workloadOwners },
      agents: [
        ...ACCESS.agents,
        { name: 'helper', owner: 'retrieval-team', workload: 'rag-api', actsFor: 'person' as const },
      ],
      purposeBindings: [
        ...ACCESS.purposeBindings,
        { principal: 'agent:helper', purposes: ['answer'] },
        { principal: 'role:security', purposes: ['answer'] },
      ],
    },
  };
  const why = 'lockstep policy explain says what would change it';
  const ids = () => broker.audit.entries('*access').at(-1)?.why.policies;

  it('to the person behind an agent: not what permits the agent', async () => {
    broker = withPolicies(thePolicies(), shared);
    const sam = agent('helper', CALLERS.security);
    expect((await refusalOf(broker.lease(sam, 'store', { purpose: 'answer' }))).message).toBe(
      `store for answer is not for the person that it acts for: no policy permits it; ${why}`,
    );
    expect(ids()).toEqual([]);
    const lena = agent('helper', { ...CALLERS.lead, mfa: false });
    expect((await refusalOf(broker.lease(lena, 'store', { purpose: 'answer' }))).message).toBe(
      `store for answer is not for the person that it acts for: forbidden by people-prove-a-second-factor; ${why}`,
    );
    expect(ids()).toEqual(['people-prove-a-second-factor']);
  });

  it('by the claims of a session: not what permits the caller', async () => {
    const narrow = workload('rag-api', { leases: ['notes'] });
    expect((await refusalOf(broker.lease(narrow, 'store', { purpose: 'answer' }))).message).toBe(
      `store for answer is not for what its session claims: a token names what may be leased by it, and not this; ${why}`,
    );
    expect(ids()).toEqual([]);
  });
});

describe('half an hour', () => {
  const breakGlass = 'payroll burns';

  it.each([
    ['who is on call alone', onCall],
    ['who is of the team that owns it as well', person('olga', ['on-call', 'finance'])],
  ])('is the longest for which the glass is broken by somebody %s', async (_who, caller) => {
    broker = withPolicies(thePolicies(), longLeases);
    const { lease } = await broker.lease(caller, 'payroll', { breakGlass, ttlSeconds: 1800 });
    expect(lease.breakGlass).toEqual({ reason: breakGlass });
    for (const ttlSeconds of [1801, 14_400])
      expect(await codeOf(broker.lease(caller, 'payroll', { breakGlass, ttlSeconds }))).toBe('POLICY_DENIED');
    expect(broker.leaser.alive()).toHaveLength(1);
  });
});

describe('a lease of what the inventory has lost', () => {
  const lost: Inventory = {
    ...inventory,
    access: {
      ...ACCESS,
      ...inventory.access,
      leasables: ACCESS.leasables.filter(({ name }) => name !== 'store'),
    },
  };
  const revoke = (caller: Caller, by: 'lease' | 'leasable', name: string) =>
    grantLease({
      ...broker.grantPorts,
      inventory: lost,
      policy: openPolicyEngine({ bundle: thePolicies(), inventory: lost }),
    })(caller, { ask: 'revoke', by, name, reason: 'seen in a log' }, {});

  it('is ended by its id, and by its name, by whoever may revoke everything', async () => {
    const first = await broker.lease(rag, 'store', { purpose: 'answer' });
    expect(await revoke(onCall, 'lease', first.lease.id)).toEqual({ ending: 1, more: false });
    const second = await broker.lease(rag, 'store', { purpose: 'answer' });
    const kept = await broker.lease(onCall, 'payroll', { breakGlass: 'it burns' });
    expect(await revoke(onCall, 'leasable', 'store')).toEqual({ ending: 1, more: false });
    await broker.settle();
    expect([first, second, kept].map((each) => broker.works(each))).toEqual([false, false, true]);
    expect(broker.audit.entries('store').filter(({ action }) => action === 'revoke-leases')).toHaveLength(2);
  });

  it('is not ended by whoever may revoke some of what there is, nor told of', async () => {
    const issued = await broker.lease(rag, 'store', { purpose: 'answer' });
    const texts = [];
    for (const [by, name] of [
      ['lease', issued.lease.id],
      ['lease', issued.lease.id.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'))],
      ['leasable', 'store'],
      ['leasable', 'nothing'],
    ] as const)
      for (const caller of [finn, CALLERS.lead, CALLERS.guest])
        texts.push((await refusalOf(revoke(caller, by, name))).message);
    expect(new Set(texts).size).toBe(1);
    expect(broker.works(issued)).toBe(true);
  });

  it('is told from what was never leased', async () => {
    expect(await codeOf(revoke(onCall, 'leasable', 'nothing'))).toBe('UNKNOWN_LEASABLE');
  });
});

describe('names that are written to mean something to a policy', () => {
  it('mean nothing, and are refused as whatever there is not', async () => {
    broker = withPolicies(
      policiesOf(
        '@id("rag-store") permit (principal == Lockstep::Workload::"rag-api", action, resource == Lockstep::Leasable::"store");',
      ),
    );
    await broker.lease(rag, 'store', { purpose: 'answer' });
    const answers = [];
    for (const leasable of [
      'nothing',
      'store"',
      'store" || true || "',
      'store\\',
      'Lockstep::Leasable::"store"',
      'store\u0000',
      ' store',
      'payroll',
    ])
      answers.push((await refusalOf(broker.lease(rag, leasable, { purpose: 'answer' }))).message);
    expect(new Set(answers).size).toBe(1);
  });

  it('make nobody of a name that is somebody else: a workload, or a person', async () => {
    for (const caller of [
      { ...rag, name: 'rag-api" || principal == Lockstep::Workload::"rag-api' },
      { ...rag, name: 'RAG-API' },
      person('rag-api', []),
      person('x', ['on-call" ']),
      person('x', ['Lockstep::Role::"on-call"']),
    ])
      expect(await codeOf(broker.lease(caller, 'store', { purpose: 'answer', breakGlass: 'x' }))).toBe(
        'POLICY_DENIED',
      );
  });
});

describe('a policy that cannot be evaluated', () => {
  it('denies, whatever another one permits', async () => {
    broker = withPolicies(
      policiesOf(
        '@id("all") permit (principal, action, resource);\n' +
          '@id("half") forbid (principal, action == Lockstep::Action::"lease", resource) when { context.source.isInRange(ip("10.0.0.0/8")) };',
      ),
    );
    const refusal = await refusalOf(broker.lease(rag, 'store', { purpose: 'answer' }));
    expect(refusal.code).toBe('POLICY_DENIED');
    expect(broker.leases.calls).toEqual([]);
  });
});

it('tells on-call of the glass, where nothing else gives it, and nobody else', async () => {
  const asks = () => ({ leasable: 'payroll', purpose: 'repair', requestId: broker.requestId() });
  const told = await refusalOf(broker.ask(onCall, 'lease', asks()));
  expect(told.message).toContain(
    "breaking the glass gives it, pages on-call and is reviewed: --break-glass '",
  );
  const ofStranger = await refusalOf(broker.ask(stranger, 'lease', asks()));
  expect(ofStranger.message).not.toContain('glass');
  expect(ofStranger.message).toContain('or there is no such thing');
});
