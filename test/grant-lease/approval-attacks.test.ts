import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { approvalDigest, type ApprovedRequest } from '../../lambdas/core/access/approval-digest.ts';
import type { Caller } from '../../lambdas/core/access/caller.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';
import { remove } from '../../lambdas/core/ports/ledger.ts';
import { awsCaller } from '../../lambdas/recognise-caller/aws-caller.ts';
import { roleArn, sessionArn, SSO_PATH } from '../recognise-caller/a-door.ts';
import { Broker, refusalOf } from './a-broker.ts';
import { ACCESS, agent, CALLERS, INVENTORY, person, RULES } from './an-inventory.ts';
import { approvalRow, approveBy, askFor } from './approved.ts';

const { finn, fred, faye, security } = CALLERS;

/** With an agent that repairs for people, under the same approvals as they. */
const WITH_AGENT: Inventory = {
  ...INVENTORY,
  access: {
    ...ACCESS,
    agents: [
      ...ACCESS.agents,
      { name: 'repairer', owner: 'finance', workload: 'repairer', actsFor: 'person' },
    ],
    purposeBindings: [...ACCESS.purposeBindings, { principal: 'agent:repairer', purposes: ['repair'] }],
  },
};
const forFinn = agent('repairer', finn);
const forFred = agent('repairer', fred);

let broker: Broker;
beforeEach(() => {
  broker = new Broker({ inventory: WITH_AGENT });
  broker.policy.rules = [
    ...RULES,
    {
      id: 'agents-repair',
      who: ['Agent:repairer'],
      actions: ['lease'],
      leasables: ['payroll'],
      approvals: 2,
    },
  ];
});
afterEach(() => broker.judge.assertClean());

const codeOf = async (call: Promise<unknown>): Promise<string> => (await refusalOf(call)).code;
const outcomes = async (calls: readonly Promise<unknown>[]): Promise<readonly string[]> =>
  (await Promise.allSettled(calls)).map((each) =>
    each.status === 'fulfilled' ? 'done' : (each.reason as { readonly code: string }).code,
  );

describe('nobody approves for themselves', () => {
  it('neither whoever asked, nor under another session or with more roles', async () => {
    const { id } = await askFor(broker, finn);
    for (const same of [
      finn,
      { ...finn, session: 'another' },
      { ...finn, roles: ['finance', 'security'] },
      { ...finn, principal: 'https://id.example|another-account' },
    ])
      expect(await codeOf(approveBy(broker, id, same))).toBe('APPROVAL_REFUSED');
    expect((await approvalRow(broker, id))?.approvedBy).toEqual([]);
  });

  it('not by another permission set of Identity Center, which is one more role of the same human', async () => {
    const sets = ['Finance', 'Admin', 'Repair'].map((set) => `AWSReservedSSO_${set}_0a1b`);
    const principals = sets.map((set) => roleArn(set, SSO_PATH));
    const access = { ...ACCESS, roles: [{ name: 'finance', groups: [], principals }] };
    const [asks, approves, helps] = sets.map((set) =>
      awsCaller({ workloads: [] }, access, sessionArn(set, 'ada')),
    );
    if (asks?.is !== 'person' || approves?.is !== 'person' || helps?.is !== 'person')
      throw new Error('people were expected');
    const own = await askFor(broker, asks);
    expect(await codeOf(approveBy(broker, own.id, approves))).toBe('APPROVAL_REFUSED');
    // Nor is one human four eyes: what somebody else asks for gets one approval of the two.
    const other = await askFor(broker, finn);
    await approveBy(broker, other.id, approves, helps);
    expect((await approvalRow(broker, other.id))?.approvedBy).toHaveLength(1);
  });

  it('nor whom the agent acts for that asked', async () => {
    const { id, ask } = await askFor(broker, forFinn);
    expect(await codeOf(approveBy(broker, id, finn))).toBe('APPROVAL_REFUSED');
    await approveBy(broker, id, fred, faye);
    await broker.lease(forFinn, 'payroll', { ...ask, approval: id });
  });

  it('nor an agent for anybody, whoever it acts for, nor a workload', async () => {
    const { id } = await askFor(broker, finn);
    for (const caller of [forFred, forFinn, CALLERS.rag, CALLERS.stranger] satisfies Caller[])
      expect(await codeOf(broker.ask(caller, 'approve', { approval: id, reason: 'x' }))).toBe(
        'POLICY_DENIED',
      );
    expect((await approvalRow(broker, id))?.approvedBy).toEqual([]);
  });

  it('and nobody counts twice, one after the other, at once, or with another role', async () => {
    const { id, ask } = await askFor(broker, finn);
    await approveBy(broker, id, fred, fred);
    await Promise.all([approveBy(broker, id, fred), approveBy(broker, id, { ...fred, roles: ['security'] })]);
    expect((await approvalRow(broker, id))?.approvedBy.map((each) => each.person)).toEqual(['fred']);
    expect(await broker.ask(finn, 'lease', { ...ask, approval: id })).toMatchObject({
      status: 'approval-needed',
    });
  });
});

describe('an approval is for exactly one request', () => {
  it('and not for another purpose, ttl, request, holder or person behind it', async () => {
    const rules = broker.policy.rules;
    const { id, ask } = await askFor(broker, finn);
    await approveBy(broker, id, faye, security);
    const use = (caller: Caller, more = {}): Promise<string> =>
      codeOf(broker.ask(caller, 'lease', { ...ask, approval: id, ...more }));
    expect(await use(finn, { ttlSeconds: 601 })).toBe('APPROVAL_REFUSED');
    expect(await use(finn, { ttlSeconds: 599 })).toBe('APPROVAL_REFUSED');
    expect(await use(finn, { requestId: 'another' })).toBe('APPROVAL_REFUSED');
    expect(await use(fred)).toBe('APPROVAL_REFUSED');
    expect(await use(forFinn)).toBe('APPROVAL_REFUSED');
    broker.policy.rules = [...rules, { id: 'finance-stores', who: ['Role:finance'], actions: ['lease'] }];
    expect(
      await use({ ...finn, roles: ['finance', 'retrieval-lead'] }, { leasable: 'store', purpose: 'index' }),
    ).toBe('APPROVAL_REFUSED');
    expect(broker.leases.calls).toEqual([]);
    await broker.lease(finn, 'payroll', { ...ask, approval: id });
  });

  it('and for no second lease, though nobody remembered that the request was made', async () => {
    const { id, ask } = await askFor(broker, finn);
    await approveBy(broker, id, faye, security);
    await broker.lease(finn, 'payroll', { ...ask, approval: id });
    const asked = await broker.ledger.read('lease-ask', 'person:finn', ask.requestId);
    await broker.ledger.commit(asked ? [remove(asked)] : []);
    const refusal = await refusalOf(broker.ask(finn, 'lease', { ...ask, approval: id }));
    expect(refusal).toMatchObject({ code: 'APPROVAL_REFUSED' });
    expect(refusal.message).toContain('good for one lease');
    expect(broker.ledger.rows('lease')).toHaveLength(1);
  });

  it('and not for the same agent when it acts for somebody else', async () => {
    const { id, ask } = await askFor(broker, forFinn);
    await approveBy(broker, id, faye, security);
    expect(await codeOf(broker.ask(forFred, 'lease', { ...ask, approval: id }))).toBe('APPROVAL_REFUSED');
  });
});

describe('requests that wait', () => {
  it('are shown to an agent as far as it asked for whom it acts for now', async () => {
    const { id: ofFinn } = await askFor(broker, forFinn);
    const { id: ofFred } = await askFor(broker, forFred);
    const seenBy = async (caller: Caller): Promise<readonly string[]> =>
      (await broker.ask(caller, 'approvals', {})).approvals.map((each) => each.id);
    expect(await seenBy(forFinn)).toEqual([ofFinn]);
    expect(await seenBy(forFred)).toEqual([ofFred]);
    expect(await seenBy(agent('repairer', faye))).toEqual([]);
  });
});

describe('the digest of a request', () => {
  it('is another one for everything that differs', () => {
    const text = fc.oneof(
      fc.constantFrom('a', 'b', 'a,b', '"a"', 'a":"b', '', '\u0000'),
      fc.string({ maxLength: 4 }),
    );
    const request: fc.Arbitrary<ApprovedRequest> = fc.record(
      {
        leasable: text,
        holder: text,
        actingFor: text,
        purpose: text,
        ttlSeconds: fc.nat({ max: 3 }),
        requestId: text,
      },
      { requiredKeys: ['leasable', 'holder', 'purpose', 'ttlSeconds', 'requestId'] },
    );
    const whole = ({
      leasable,
      holder,
      actingFor,
      purpose,
      ttlSeconds,
      requestId,
    }: ApprovedRequest): string =>
      JSON.stringify([leasable, holder, actingFor, purpose, ttlSeconds, requestId]);
    fc.assert(
      fc.property(request, request, (one, other) => {
        expect(approvalDigest(one) === approvalDigest(other)).toBe(whole(one) === whole(other));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a race about an approval', () => {
  it('between two approvers counts both', async () => {
    const { id } = await askFor(broker, finn);
    expect(await outcomes([approveBy(broker, id, fred), approveBy(broker, id, faye)])).toEqual([
      'done',
      'done',
    ]);
    expect((await approvalRow(broker, id))?.approvedBy.map((each) => each.person).toSorted()).toEqual([
      'faye',
      'fred',
    ]);
  });

  it('between many approvers loses none', async () => {
    const { id } = await askFor(broker, finn);
    const people = ['a', 'b', 'c', 'd'].map((name) => person(name, ['finance']));
    const all = await outcomes(people.map((each) => approveBy(broker, id, each)));
    expect(all.filter((each) => each === 'done')).toHaveLength(
      (await approvalRow(broker, id))?.approvedBy.length ?? -1,
    );
  });

  it('between one who approves and one who denies ends denied, or is denied before', async () => {
    const { id, ask } = await askFor(broker, finn);
    await approveBy(broker, id, fred);
    await outcomes([
      approveBy(broker, id, faye),
      broker.ask(security, 'deny', { approval: id, reason: 'no' }),
    ]);
    expect((await approvalRow(broker, id))?.denied).toBeDefined();
    expect(await codeOf(broker.lease(finn, 'payroll', { ...ask, approval: id }))).toBe('APPROVAL_REFUSED');
  });

  it('between two uses of one approval hands one value over', async () => {
    const { id, ask } = await askFor(broker, finn);
    await approveBy(broker, id, fred, faye);
    const use = (): Promise<unknown> => broker.lease(finn, 'payroll', { ...ask, approval: id });
    const all = await outcomes([use(), use(), use(), use()]);
    expect(all.filter((each) => each === 'done')).toHaveLength(1);
    expect(broker.leaser.alive()).toHaveLength(1);
    expect(broker.ledger.rows('lease')).toHaveLength(1);
    expect(new Set(all)).toEqual(new Set(['done', 'LEASE_LIMIT']));
  });

  it('between its use and a denial: denied before the lease is written down, nothing is made', async () => {
    const { id, ask } = await askFor(broker, finn);
    await approveBy(broker, id, fred, faye);
    // the broker has decided, and stands before its commit
    broker.hold('lease', async () => {
      await broker.ask(security, 'deny', { approval: id, reason: 'at the last moment' });
    });
    expect(await codeOf(broker.lease(finn, 'payroll', { ...ask, approval: id }))).toBe('APPROVAL_REFUSED');
    expect(broker.ledger.rows('lease')).toEqual([]);
    expect(broker.leases.calls).toEqual([]);
  });
});
