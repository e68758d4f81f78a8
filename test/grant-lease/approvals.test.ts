import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { secondsBetween } from '../../lambdas/core/time.ts';
import { APPROVAL_SECONDS } from '../../lambdas/grant-lease/ask-approval.ts';
import { Broker, refusalOf } from './a-broker.ts';
import { ACCESS, CALLERS, INVENTORY, RULES } from './an-inventory.ts';
import { approvalRow, approveBy, askFor } from './approved.ts';

let broker: Broker;
beforeEach(() => {
  broker = new Broker();
});
afterEach(() => broker.judge.assertClean());

const { finn, fred, faye, security, lead, guest, rag } = CALLERS;

describe('a request that needs people', () => {
  it('is taken to on-call, with who asks for what, who may decide and until when; nothing is made', async () => {
    const { id } = await askFor(broker, finn);
    await broker.settle();
    expect(broker.pages).toHaveLength(1);
    const [page] = broker.pages;
    expect(page).toMatchObject({
      severity: 'medium',
      title: 'payroll: somebody asks for approval',
      firstCommand: `lockstep approve ${id} --reason '…'`,
    });
    const approval = await approvalRow(broker, id);
    expect(page?.reasons.join(' ')).toMatch(/person:finn asks for payroll for 600 s, purpose repair/);
    expect(page?.reasons.join(' ')).toContain(`until ${approval?.expiresAt}: finance, security`);
    expect(secondsBetween(approval?.askedAt ?? '', approval?.expiresAt ?? '')).toBe(APPROVAL_SECONDS);
    expect(broker.leases.calls).toEqual([]);
    expect(broker.ledger.rows('lease')).toEqual([]);
    expect(broker.audit.entries('payroll')).toMatchObject([
      { type: 'decision', action: 'ask-approval', who: { name: 'finn' }, what: { approval: id } },
    ]);
  });

  it('is one request however often it is made, with one page', async () => {
    const { id, ask } = await askFor(broker, finn);
    for (const again of [ask, { ...ask, approval: id }])
      expect(await broker.ask(finn, 'lease', again)).toMatchObject({ approval: id });
    await broker.settle();
    expect(broker.pages).toHaveLength(1);
  });

  it('is seen by whoever may decide, and by whoever asked', async () => {
    const { id } = await askFor(broker, finn);
    await approveBy(broker, id, fred);
    const seenBy = async (caller: typeof finn) =>
      (await broker.ask(caller, 'approvals', {})).approvals.map((each) => each.id);
    for (const caller of [finn, fred, faye, security]) expect(await seenBy(caller)).toEqual([id]);
    for (const caller of [lead, guest]) expect(await seenBy(caller)).toEqual([]);
    const [shown] = (await broker.ask(faye, 'approvals', {})).approvals;
    expect(shown).toMatchObject({ holder: 'person:finn', purpose: 'repair', ttlSeconds: 600, needed: 2 });
    expect(shown?.approvedBy).toEqual([
      { person: 'fred', at: expect.any(String) as string, reason: 'fred has looked at it' },
    ]);
    expect(JSON.stringify(shown)).not.toContain('requestDigest');
  });
});

describe('a request that cannot wait', () => {
  it('is refused at once where no role could approve it', async () => {
    broker.policy.rules = RULES.filter(({ actions }) => !actions.includes('approve'));
    const refusal = await refusalOf(askFor(broker, finn));
    expect(refusal).toMatchObject({ code: 'POLICY_DENIED' });
    expect(refusal.message).toContain('no role may give one');
    expect(broker.ledger.rows('approval')).toEqual([]);
  });

  it('is refused at once where fewer people could approve it than have to, and pages nobody', async () => {
    // given two roles for approving that one IAM role has, whose sessions choose their own names
    const shared = ['arn:aws:iam::111111111111:role/finance'];
    const roles = ACCESS.roles.map((role) => ({ ...role, principals: shared }));
    broker = new Broker({ inventory: { ...INVENTORY, access: { ...ACCESS, roles } } });
    const refusal = await refusalOf(askFor(broker, finn));
    expect(refusal).toMatchObject({ code: 'POLICY_DENIED' });
    expect(refusal.message).toContain(
      'payroll needs 2 approval(s) of others, and besides whoever asks there is 1 person who may give one',
    );
    await broker.settle();
    expect([broker.pages, broker.ledger.rows('approval')]).toEqual([[], []]);
    // when their sessions are said to prove who they are, as many may come as there are
    const proved = roles.map((role) => ({ ...role, sessionNamesProved: true }));
    broker = new Broker({ inventory: { ...INVENTORY, access: { ...ACCESS, roles: proved } } });
    expect((await askFor(broker, finn)).id).toBeTypeOf('string');
  });

  it('is one behind a few others of its holder: each of them pages somebody', async () => {
    for (let number = 0; number < 5; number += 1) await askFor(broker, finn);
    const refusal = await refusalOf(askFor(broker, finn));
    expect(refusal).toMatchObject({ code: 'LEASE_LIMIT', retryAfterSeconds: APPROVAL_SECONDS });
    await askFor(broker, fred);
    await broker.pass(APPROVAL_SECONDS);
    await askFor(broker, finn);
    expect(
      broker.ledger.rows('approval-index').filter(({ credential }) => credential === 'holder:person:finn'),
    ).toHaveLength(1);
  });
});

describe('the requests of one holder', () => {
  it('are a few, also of thirty that are made at once', async () => {
    const all = await Promise.allSettled(Array.from({ length: 30 }, () => askFor(broker, finn)));
    const refused = all.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
    expect(refused).toHaveLength(25);
    for (const refusal of refused) expect(refusal).toMatchObject({ code: 'LEASE_LIMIT' });
    await broker.settle();
    expect(broker.pages).toHaveLength(5);
    expect(broker.ledger.rows('approval')).toHaveLength(5);
  });

  it('keep their places where they are taken back: their pages have been sent', async () => {
    for (let number = 0; number < 5; number += 1) {
      const { id } = await askFor(broker, finn);
      await broker.ask(finn, 'deny', { approval: id, reason: 'a mistake' });
    }
    expect((await refusalOf(askFor(broker, finn))).code).toBe('LEASE_LIMIT');
    await broker.settle();
    expect(broker.pages).toHaveLength(5);
    await broker.pass(APPROVAL_SECONDS);
    await askFor(broker, finn);
  });

  it('make room where somebody else has decided, or their lease was had', async () => {
    const waiting = [];
    for (let number = 0; number < 5; number += 1) waiting.push(await askFor(broker, finn));
    const [denied, used] = waiting;
    if (!denied || !used) throw new Error('five were asked for');
    await broker.ask(security, 'deny', { approval: denied.id, reason: 'no' });
    await askFor(broker, finn);
    expect((await refusalOf(askFor(broker, finn))).code).toBe('LEASE_LIMIT');
    await approveBy(broker, used.id, fred, faye);
    await broker.lease(finn, 'payroll', { ...used.ask, approval: used.id });
    await askFor(broker, finn);
    expect((await refusalOf(askFor(broker, finn))).code).toBe('LEASE_LIMIT');
  });

  it('page once and take one place where one is made many times at once', async () => {
    const ask = { leasable: 'payroll', requestId: 'the-same', ttlSeconds: 600 };
    const answers = await Promise.all(Array.from({ length: 6 }, () => broker.ask(finn, 'lease', ask)));
    expect(new Set(answers.map((each) => ('approval' in each ? each.approval : '')))).toHaveProperty(
      'size',
      1,
    );
    await broker.settle();
    expect(broker.pages).toHaveLength(1);
  });
});

describe('an approval', () => {
  it('of as many people as policy wants lets exactly this request through, once', async () => {
    const { id, ask } = await askFor(broker, finn);
    expect(await broker.ask(fred, 'approve', { approval: id, reason: 'payday' })).toEqual({
      approved: 1,
      needed: 2,
    });
    expect(await broker.ask(finn, 'lease', { ...ask, approval: id })).toMatchObject({
      status: 'approval-needed',
      approval: id,
    });
    expect(await broker.ask(faye, 'approve', { approval: id, reason: 'payday' })).toEqual({
      approved: 2,
      needed: 2,
    });

    const issued = await broker.lease(finn, 'payroll', { ...ask, approval: id });
    expect(broker.works(issued)).toBe(true);
    expect(await broker.row(issued.lease.id)).toMatchObject({
      approval: id,
      policies: ['payroll-needs-two'],
    });
    expect((await approvalRow(broker, id))?.usedFor).toBe(issued.lease.id);
    expect(await broker.ask(faye, 'approvals', {})).toEqual({ approvals: [] });

    const again = broker.lease(finn, 'payroll', { ...ask, approval: id });
    expect((await refusalOf(again)).code).toBe('ALREADY_HANDED_OVER');
    const without = broker.lease(finn, 'payroll', ask);
    expect((await refusalOf(without)).code).toBe('ALREADY_HANDED_OVER');
    await broker.settle();
    expect(broker.pages).toHaveLength(1);
  });

  it('is in the audit: asked, approved by whom and why, and used', async () => {
    const { id, ask } = await askFor(broker, finn);
    await approveBy(broker, id, fred, faye);
    await broker.lease(finn, 'payroll', { ...ask, approval: id });
    const entries = broker.audit.entries('payroll');
    expect(entries.map(({ type, action, who }) => `${type} ${action} ${who.name}`)).toEqual([
      'decision ask-approval finn',
      'intent approve fred',
      'outcome approve fred',
      'intent approve faye',
      'outcome approve faye',
      'intent lease finn',
      'outcome lease finn',
    ]);
    expect(entries[1]).toMatchObject({
      what: { approval: id },
      why: { reason: 'fred has looked at it', policies: ['finance-approves'] },
    });
    expect(entries.at(-1)).toMatchObject({
      what: { approval: id },
      why: { policies: ['payroll-needs-two'] },
    });
  });
});

describe('what an approval is worth', () => {
  it('is nothing when its time is over, approved or not', async () => {
    const { id, ask } = await askFor(broker, finn);
    await approveBy(broker, id, fred);
    await broker.clock.advance(APPROVAL_SECONDS - 1);
    await approveBy(broker, id, faye);
    await broker.clock.advance(1);
    const late = await refusalOf(broker.lease(finn, 'payroll', { ...ask, approval: id }));
    expect(late).toMatchObject({ code: 'APPROVAL_REFUSED' });
    expect(late.message).toContain('expired at');
    expect((await refusalOf(approveBy(broker, id, security))).code).toBe('APPROVAL_REFUSED');
    // also where too few had approved: with it in hand nobody is asked anew behind one's back
    const { id: few, ask: other } = await askFor(broker, finn);
    await broker.clock.advance(APPROVAL_SECONDS);
    const tooFew = await refusalOf(broker.ask(finn, 'lease', { ...other, approval: few }));
    expect(tooFew.code).toBe('APPROVAL_REFUSED');
    expect(await broker.ask(faye, 'approvals', {})).toEqual({ approvals: [] });
    // asked without it, people are asked anew
    const anew = await askFor(broker, finn, ask);
    expect(anew.id).not.toBe(id);
    expect((await approvalRow(broker, anew.id))?.approvedBy).toEqual([]);
  });

  it('counts for as long as whoever gave it may give it', async () => {
    const { id, ask } = await askFor(broker, finn);
    await approveBy(broker, id, security, faye);
    broker.policy.rules = RULES.filter((rule) => rule.id !== 'security-revokes');
    expect(await broker.ask(finn, 'lease', { ...ask, approval: id })).toMatchObject({
      status: 'approval-needed',
    });
    await approveBy(broker, id, fred);
    await broker.lease(finn, 'payroll', { ...ask, approval: id });
  });

  it('is for the time that people saw: its lease is not renewed, and says so', async () => {
    const { id, ask } = await askFor(broker, finn, { ttlSeconds: 60 });
    await approveBy(broker, id, fred, faye);
    const issued = await broker.lease(finn, 'payroll', { ...ask, approval: id });
    const { lease } = issued;
    expect(secondsBetween(lease.issuedAt, lease.expiresAt)).toBe(60);
    expect(lease.longestUntil).toBe(lease.expiresAt);
    for (const ttlSeconds of [60, 1800]) {
      const refusal = await refusalOf(broker.ask(finn, 'renew', { lease: lease.id, ttlSeconds }));
      expect(refusal).toMatchObject({ code: 'APPROVAL_REFUSED' });
      expect(refusal.message).toContain(`was approved until ${lease.expiresAt}, and no longer`);
    }
    expect(await broker.row(lease.id)).toMatchObject({ expiresAt: lease.expiresAt, renewals: 0 });
    await broker.clock.advance(61);
    expect(broker.works(issued)).toBe(false);
  });
});

describe('a denial', () => {
  it('is for good, with its reason', async () => {
    const { id, ask } = await askFor(broker, finn);
    await approveBy(broker, id, fred, faye);
    await broker.ask(security, 'deny', { approval: id, reason: 'not today' });
    for (const again of [ask, { ...ask, approval: id }]) {
      const refusal = await refusalOf(broker.ask(finn, 'lease', again));
      expect(refusal).toMatchObject({ code: 'APPROVAL_REFUSED' });
      expect(refusal.message).toMatch(/sam.*not today/);
    }
    expect((await refusalOf(approveBy(broker, id, fred))).code).toBe('APPROVAL_REFUSED');
    expect((await refusalOf(broker.ask(faye, 'deny', { approval: id, reason: 'x' }))).code).toBe(
      'APPROVAL_REFUSED',
    );
    expect(await broker.ask(fred, 'approvals', {})).toEqual({ approvals: [] });
    const listed = broker.ledger.rows('approval-index').map(({ credential }) => credential);
    expect(listed.filter((partition) => !partition.startsWith('place:'))).toEqual([]);
  });

  it('of one’s own request takes it back', async () => {
    const { id } = await askFor(broker, finn);
    expect(await broker.ask(finn, 'deny', { approval: id, reason: 'a mistake' })).toEqual({});
    expect((await approvalRow(broker, id))?.denied).toMatchObject({ person: 'finn' });
  });

  it('is given by people who may approve, and by nobody else', async () => {
    const { id } = await askFor(broker, finn);
    for (const caller of [guest, lead, rag])
      expect((await refusalOf(broker.ask(caller, 'deny', { approval: id, reason: 'x' }))).code).toBe(
        'POLICY_DENIED',
      );
    expect((await approvalRow(broker, id))?.denied).toBeUndefined();
  });
});
