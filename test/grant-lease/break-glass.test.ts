import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../../lambdas/core/access/caller.ts';
import { Broker, refusalOf } from './a-broker.ts';
import { ACCESS, agent, CALLERS, INVENTORY, RULES } from './an-inventory.ts';
import { approvalRow, approveBy, askFor } from './approved.ts';

let broker: Broker;
beforeEach(() => {
  broker = new Broker();
});
afterEach(() => broker.judge.assertClean());

const { finn, fred, security, rag, guest, lead } = CALLERS;
const breakGlass = 'payroll is down, nobody answers';
const take = () => broker.lease(finn, 'payroll', { breakGlass });
const codeOf = async (call: Promise<unknown>): Promise<string> => (await refusalOf(call)).code;
const DAY = 86_400;

describe('breaking the glass', () => {
  it('gives a lease without the approvals that policy wants', async () => {
    const issued = await take();
    expect(broker.works(issued)).toBe(true);
    expect(issued.lease.breakGlass).toEqual({ reason: breakGlass });
    expect(await broker.row(issued.lease.id)).toMatchObject({
      breakGlass: { reason: breakGlass },
      policies: ['payroll-needs-two'],
    });
  });

  it('is loud: on-call is paged with who, what and why, as soon as the lease is written down', async () => {
    broker.leaser.isDown = true;
    expect(await codeOf(take())).toBe('TARGET_UNREACHABLE');
    await broker.settle();
    const [page] = broker.pages;
    expect(page).toMatchObject({
      severity: 'critical',
      title: 'payroll: the glass was broken',
      subject: 'payroll',
    });
    expect(page?.reasons.join(' ')).toMatch(/person:finn takes lease .* without the approvals/);
    expect(page?.reasons).toContain(`Reason given: ${breakGlass}`);
  });

  it('is in the audit before anything is made', async () => {
    await take();
    expect(broker.audit.entries('payroll').map(({ type, action }) => `${type} ${action}`)).toEqual([
      'decision break-glass',
      'intent lease',
      'outcome lease',
    ]);
    expect(broker.audit.entries('payroll')[0]).toMatchObject({
      who: { kind: 'person', name: 'finn' },
      why: { reason: `the glass was broken: ${breakGlass}`, policies: ['payroll-needs-two'] },
    });
  });

  it('makes nothing where the audit cannot be told', async () => {
    broker = new Broker({
      grant: () => ({ audit: { append: () => Promise.reject(new Error('no audit')) } }),
    });
    await expect(take()).rejects.toThrow('no audit');
    expect(broker.leases.calls).toEqual([]);
    await broker.pass(120);
    expect(broker.leaser.alive()).toEqual([]);
  });
});

describe('a broken glass', () => {
  it('gives nobody what policy gives in no way', async () => {
    const asked = broker.ask(lead, 'lease', { leasable: 'payroll', requestId: 'r', breakGlass });
    expect(await codeOf(asked)).toBe('POLICY_DENIED');
    broker.policy.rules = RULES.map(({ mayBreakGlass: _may, ...rule }) => rule);
    const refusal = await refusalOf(take());
    expect(refusal).toMatchObject({ code: 'POLICY_DENIED' });
    expect(refusal.message).toContain('not even by breaking the glass');
    await broker.settle();
    expect(broker.pages).toEqual([]);
    expect(broker.ledger.rows('lease-review')).toEqual([]);
  });

  it('is not on record where it was not needed', async () => {
    const issued = await broker.lease(rag, 'store', { purpose: 'answer', breakGlass });
    expect((await broker.row(issued.lease.id))?.breakGlass).toBeUndefined();
    expect(broker.ledger.rows('lease-review')).toEqual([]);
  });

  it('uses up no approval that did not suffice', async () => {
    const { id, ask } = await askFor(broker, finn);
    await approveBy(broker, id, fred);
    const { lease } = await broker.lease(finn, 'payroll', { ...ask, approval: id, breakGlass });
    expect((await broker.row(lease.id))?.approval).toBeUndefined();
    expect((await approvalRow(broker, id))?.usedFor).toBeUndefined();
  });

  it('is broken for the time that is on record: its lease is not renewed, and says so', async () => {
    const { lease } = await take();
    expect(lease.longestUntil).toBe(lease.expiresAt);
    await broker.pass(300);
    const refusal = await refusalOf(broker.ask(finn, 'renew', { lease: lease.id }));
    expect(refusal).toMatchObject({ code: 'APPROVAL_REFUSED' });
    expect(refusal.message).toContain(`was taken by breaking the glass until ${lease.expiresAt}`);
    expect(await broker.row(lease.id)).toMatchObject({ expiresAt: lease.expiresAt, renewals: 0 });
  });
});

describe('a review', () => {
  it('is done by somebody else who could have approved it, with a note', async () => {
    const { lease } = await take();
    await broker.ask(fred, 'review', { lease: lease.id, note: 'looked at the statements: fine' });
    expect((await broker.row(lease.id))?.breakGlass).toEqual({
      reason: breakGlass,
      reviewedBy: 'person:fred',
      note: 'looked at the statements: fine',
    });
    expect(broker.ledger.rows('lease-review')).toEqual([]);
    expect(broker.audit.entries('payroll').filter(({ action }) => action === 'review')).toMatchObject([
      { type: 'intent', who: { name: 'fred' }, why: { policies: ['finance-approves'] } },
      { type: 'outcome' },
    ]);
  });

  it('is shown to whoever may do it, until it is done, also when the lease is over', async () => {
    const { lease } = await take();
    await broker.pass(1800);
    const due = {
      lease: lease.id,
      leasable: 'payroll',
      holder: 'person:finn',
      reason: breakGlass,
      at: lease.issuedAt,
    };
    for (const caller of [fred, security])
      expect(await broker.ask(caller, 'approvals', {})).toEqual({ approvals: [], reviews: [due] });
    for (const caller of [finn, guest, lead, rag, agent('research-agent', fred)])
      expect(await broker.ask(caller, 'approvals', {}).catch(() => ({ approvals: [] }))).toEqual({
        approvals: [],
      });
    await broker.ask(fred, 'review', { lease: lease.id, note: 'fine' });
    expect(await broker.ask(security, 'approvals', {})).toEqual({ approvals: [] });
  });

  it('is never done by whoever took it, nor by anybody without the right, nor by a machine', async () => {
    const { lease } = await take();
    const review = (caller: Parameters<Broker['ask']>[0]): Promise<string> =>
      codeOf(broker.ask(caller, 'review', { lease: lease.id, note: 'x' }));
    expect(await review(finn)).toBe('APPROVAL_REFUSED');
    for (const caller of [guest, lead, rag, agent('research-agent', fred)])
      expect(await review(caller)).toBe('POLICY_DENIED');
    expect(broker.ledger.rows('lease-review')).toHaveLength(1);
  });
});

describe('a second review', () => {
  it('is told that the first is kept, and the same again is the same', async () => {
    const { lease } = await take();
    const review = (caller: Caller, note: string): Promise<unknown> =>
      broker.ask(caller, 'review', { lease: lease.id, note });
    await review(fred, 'fine');
    // Whoever got no answer asks again.
    expect(await review(fred, 'fine')).toEqual({});
    await expect(review(security, 'me too')).rejects.toMatchObject({
      code: 'APPROVAL_REFUSED',
      message: `lease ${lease.id} was reviewed already, by person:fred; that review is kept, and this one is not on record`,
    });
    expect(await codeOf(review(fred, 'fine, and short'))).toBe('APPROVAL_REFUSED');
    // To strangers it is as any other.
    expect(await codeOf(review(guest, 'x'))).toBe('POLICY_DENIED');
    expect((await broker.row(lease.id))?.breakGlass).toMatchObject({
      reviewedBy: 'person:fred',
      note: 'fine',
    });
  });
});

describe('who reviews', () => {
  it('is never whom an agent took it for, who is not even shown it', async () => {
    broker = new Broker({
      inventory: {
        ...INVENTORY,
        access: {
          ...ACCESS,
          purposeBindings: [
            ...ACCESS.purposeBindings,
            { principal: 'agent:research-agent', purposes: ['repair'] },
          ],
        },
      },
    });
    broker.policy.rules = [
      ...RULES,
      { id: 'agent-burns', who: ['Agent:research-agent'], actions: ['lease'], leasables: ['payroll'] },
    ];
    const { lease } = await broker.lease(agent('research-agent', finn), 'payroll', {
      breakGlass,
      purpose: 'repair',
    });
    expect(await broker.ask(finn, 'approvals', {})).toEqual({ approvals: [] });
    expect(await codeOf(broker.ask(finn, 'review', { lease: lease.id, note: 'x' }))).toBe('APPROVAL_REFUSED');
    expect((await broker.ask(fred, 'approvals', {})).reviews).toMatchObject([
      { holder: 'agent:research-agent', actingFor: 'person:finn' },
    ]);
    await broker.ask(fred, 'review', { lease: lease.id, note: 'fine' });
  });

  it('reviews a lease that was taken by breaking the glass, and no other', async () => {
    const { lease } = await broker.lease(rag, 'store', { purpose: 'answer' });
    expect(await codeOf(broker.ask(security, 'review', { lease: lease.id, note: 'x' }))).toBe(
      'APPROVAL_REFUSED',
    );
  });
});

describe('a review that is due', () => {
  it('and that nobody makes is asked for, loudly, every day; also when the lease is long over', async () => {
    const { lease } = await take();
    await broker.settle();
    for (const part of ['a day', 'another']) {
      await broker.clock.advance(DAY + 60);
      await broker.round();
      await broker.settle();
      expect(
        broker.pages.filter(({ title }) => title.includes('nobody has reviewed')),
        part,
      ).toHaveLength(part === 'a day' ? 1 : 2);
    }
    expect((await broker.row(lease.id))?.phase).toBe('ended');
    await broker.ask(fred, 'review', { lease: lease.id, note: 'late' });
    await broker.clock.advance(2 * DAY);
    await broker.round();
    await broker.settle();
    expect(broker.pages.filter(({ title }) => title.includes('nobody has reviewed'))).toHaveLength(2);
  });

  it('can be made for as long as it is asked for, however late that is, and again where its answer was lost', async () => {
    const { lease } = await take();
    await broker.pass(1800);
    expect((await broker.row(lease.id))?.phase).toBe('ended');
    await broker.clock.advance(35 * DAY);
    await broker.round();
    await broker.settle();
    expect(broker.pages.at(-1)).toMatchObject({ severity: 'high', firstCommand: 'lockstep approvals' });
    expect((await broker.ask(fred, 'approvals', {})).reviews).toMatchObject([{ lease: lease.id }]);
    await broker.ask(fred, 'review', { lease: lease.id, note: 'five weeks late' });
    await broker.round();
    await broker.ask(fred, 'review', { lease: lease.id, note: 'five weeks late' });
    expect(broker.ledger.rows('lease-review')).toEqual([]);
  });

  it('keeps its lease no longer than others once it is made', async () => {
    const { lease } = await take();
    await broker.ask(fred, 'review', { lease: lease.id, note: 'in time' });
    await broker.pass(1800);
    await broker.clock.advance(31 * DAY);
    await broker.lease(rag, 'store', { purpose: 'answer' });
    expect(await broker.row(lease.id)).toBeUndefined();
  });

  it('is written once where two review at once, or the lease ends meanwhile', async () => {
    const { lease } = await take();
    broker.hold('lease-review', async () => {
      await broker.ask(finn, 'release', { lease: lease.id });
      await broker.settle();
    });
    const both = await Promise.allSettled([
      broker.ask(fred, 'review', { lease: lease.id, note: 'one' }),
      broker.ask(security, 'review', { lease: lease.id, note: 'other' }),
    ]);
    // The other is told that it came second.
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(await broker.row(lease.id)).toMatchObject({ phase: 'ended' });
    expect((await broker.row(lease.id))?.breakGlass?.reviewedBy).toMatch(/person:(fred|sam)/);
    expect(broker.ledger.rows('lease-review')).toEqual([]);
  });
});
