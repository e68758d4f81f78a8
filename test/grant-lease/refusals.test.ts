import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccessAskName, AccessAsks } from '../../lambdas/contracts/access-requests.ts';
import type { Caller } from '../../lambdas/core/access/caller.ts';
import { REFUSALS_CHAIN } from '../../lambdas/grant-lease/refusals.ts';
import { Broker, refusalOf } from './a-broker.ts';
import { ACCESS, CALLERS, INVENTORY, LEASABLES, person, workload } from './an-inventory.ts';

let broker: Broker;
beforeEach(() => {
  broker = new Broker();
});
afterEach(() => broker.judge.assertClean());

const { rag, stranger, guest, lead, finn, security } = CALLERS;
const UNKNOWN_LEASE = '0'.repeat(26);
const UNKNOWN_APPROVAL = '00000000-0000-4000-8000-000000000000';

const refused = async <N extends AccessAskName>(caller: Caller, ask: N, asks: AccessAsks[N]) => {
  const { code, message, retryAfterSeconds } = await refusalOf(broker.ask(caller, ask, asks));
  return { code, message, retryAfterSeconds };
};
const lease = (caller: Caller, more: Partial<AccessAsks['lease']> & { readonly leasable: string }) =>
  refused(caller, 'lease', { requestId: broker.requestId(), ...more });

/** An approval of somebody else's request, and one that is over. */
async function approvals(): Promise<{ readonly open: string; readonly over: string }> {
  const ids: string[] = [];
  for (const caller of [finn, CALLERS.fred]) {
    const asked = await broker.ask(caller, 'lease', { leasable: 'payroll', requestId: 'r' });
    ids.push(asked.status === 'approval-needed' ? asked.approval : '');
    if (ids.length === 1) await broker.pass(3600);
  }
  const [over = '', open = ''] = ids;
  return { open, over };
}

describe('a stranger', () => {
  it('is told the same of what there is, of what there is not, and of whatever is wrong with a request', async () => {
    const { open, over } = await approvals();
    const answers = [
      await lease(stranger, { leasable: 'store', purpose: 'answer' }),
      await lease(stranger, { leasable: 'no-such-thing', purpose: 'answer' }),
      await lease(stranger, { leasable: 'store', purpose: 'no-such-purpose' }),
      await lease(stranger, { leasable: 'store', purpose: 'repair' }),
      await lease(stranger, { leasable: 'store' }),
      await lease(stranger, { leasable: 'store', purpose: 'answer', ttlSeconds: 1801 }),
      await lease(stranger, { leasable: 'store', purpose: 'answer', ttlSeconds: 0.5 }),
      await lease(stranger, { leasable: 'no-such-thing', ttlSeconds: 10 ** 9 }),
      await lease(stranger, { leasable: 'payroll', purpose: 'repair' }),
      await lease(stranger, { leasable: 'payroll', purpose: 'repair', approval: open }),
      await lease(stranger, { leasable: 'payroll', purpose: 'repair', approval: over }),
      await lease(stranger, { leasable: 'payroll', purpose: 'repair', approval: UNKNOWN_APPROVAL }),
      await lease(stranger, { leasable: 'payroll', purpose: 'repair', approval: 'made up' }),
      await lease(stranger, { leasable: 'payroll', purpose: 'repair', breakGlass: 'let me in' }),
    ];
    expect(new Set(answers.map((each) => JSON.stringify(each)))).toEqual(
      new Set([JSON.stringify(answers[1])]),
    );
    expect(answers[0]?.code).toBe('POLICY_DENIED');
    expect(answers[0]?.message).not.toMatch(/store|payroll|retrieval|finance|1800/);
  });
});

describe('a stranger that names something of others', () => {
  it('is told the same as of made-up ones', async () => {
    const { open, over } = await approvals();
    const { lease: of } = await broker.lease(rag, 'store', { purpose: 'answer' });
    const answers = [
      await refused(stranger, 'renew', { lease: of.id }),
      await refused(stranger, 'renew', { lease: UNKNOWN_LEASE }),
      await refused(stranger, 'renew', { lease: 'not even an id' }),
      await refused(stranger, 'release', { lease: of.id }),
      await refused(stranger, 'release', { lease: UNKNOWN_LEASE }),
      await refused(stranger, 'revoke', { by: 'lease', name: of.id, reason: 'x' }),
      await refused(stranger, 'revoke', { by: 'lease', name: UNKNOWN_LEASE, reason: 'x' }),
      await refused(stranger, 'revoke', { by: 'leasable', name: 'store', reason: 'x' }),
      await refused(stranger, 'revoke', { by: 'leasable', name: 'nothing', reason: 'x' }),
      await refused(stranger, 'revoke', { by: 'credential', name: 'vector-store', reason: 'x' }),
      await refused(stranger, 'revoke', { by: 'credential', name: 'nothing', reason: 'x' }),
      await refused(stranger, 'revoke', { by: 'principal', name: 'workload:rag-api', reason: 'x' }),
      await refused(stranger, 'revoke', { by: 'agent', name: 'indexer', reason: 'x' }),
      await refused(stranger, 'revoke', { by: 'all', reason: 'x' }),
      await refused(guest, 'approve', { approval: open, reason: 'x' }),
      await refused(guest, 'approve', { approval: over, reason: 'x' }),
      await refused(guest, 'approve', { approval: UNKNOWN_APPROVAL, reason: 'x' }),
      await refused(guest, 'deny', { approval: open, reason: 'x' }),
      await refused(guest, 'deny', { approval: 'made up', reason: 'x' }),
      await refused(guest, 'review', { lease: of.id, note: 'x' }),
      await refused(guest, 'review', { lease: UNKNOWN_LEASE, note: 'x' }),
    ];
    expect(new Set(answers.map((each) => JSON.stringify(each)))).toEqual(
      new Set([JSON.stringify(answers[1])]),
    );
    expect(await broker.row(of.id)).toMatchObject({ phase: 'live', renewals: 0 });
  });

  it('sees nothing of others in lists', async () => {
    await approvals();
    await broker.lease(rag, 'store', { purpose: 'answer' });
    expect(await broker.ask(stranger, 'leases', {})).toEqual({ leases: [] });
    expect(await broker.ask(stranger, 'leases', { leasable: 'store' })).toEqual({ leases: [] });
    expect(await broker.ask(stranger, 'leases', { leasable: 'nothing' })).toEqual({ leases: [] });
    expect(await broker.ask(guest, 'approvals', {})).toEqual({ approvals: [] });
    expect((await broker.ask(stranger, 'whoami', {})).leasables).toEqual([]);
  });
});

describe('a refusal', () => {
  it('names the rule to whoever could have it in another way', async () => {
    const ask = { leasable: 'store', purpose: 'answer' } as const;
    expect(await lease(rag, { ...ask, ttlSeconds: 1801 })).toMatchObject({
      code: 'TTL_REFUSED',
      message: expect.stringContaining('1 to 1800 whole seconds') as string,
    });
    expect(await lease(rag, { ...ask, purpose: 'repair' })).toMatchObject({
      code: 'PURPOSE_REFUSED',
      message: expect.stringContaining('answer, index') as string,
    });
    expect(await lease(finn, { leasable: 'payroll', approval: UNKNOWN_APPROVAL })).toMatchObject({
      code: 'APPROVAL_REFUSED',
    });
  });

  it('names it to the team that owns the thing, which may have no right itself', async () => {
    const colleague = workload('rag-batch');
    broker = new Broker({
      inventory: {
        ...INVENTORY,
        access: { ...ACCESS, workloadOwners: { ...ACCESS.workloadOwners, 'rag-batch': 'retrieval-team' } },
      },
    });
    expect(await lease(colleague, { leasable: 'store' })).toMatchObject({ code: 'PURPOSE_REFUSED' });
    expect(await lease(person('ida', ['retrieval-lead']), { leasable: 'payroll' })).toMatchObject({
      code: 'POLICY_DENIED',
      message: expect.stringContaining('or there is no such thing') as string,
    });
  });

  it('names what is not declared in this environment to whoever may have everything, and to nobody else', async () => {
    broker.policy.rules = [
      ...broker.policy.rules,
      { id: 'rag-may-all', who: ['Workload:rag-api'], actions: ['lease'] },
    ];
    const ask = { leasable: 'store-of-another-environment', purpose: 'answer' };
    expect((await lease(rag, ask)).code).toBe('UNKNOWN_LEASABLE');
    expect((await lease(stranger, ask)).code).toBe('POLICY_DENIED');
  });

  it('names it to whoever policy lets do what it asked', async () => {
    const { over } = await approvals();
    const unknown = { by: 'lease', name: UNKNOWN_LEASE, reason: 'x' } as const;
    expect((await refused(security, 'revoke', unknown)).code).toBe('UNKNOWN_LEASE');
    expect(await refused(security, 'approve', { approval: over, reason: 'x' })).toMatchObject({
      code: 'APPROVAL_REFUSED',
      message: expect.stringContaining('expired at') as string,
    });
    // for all that there is, some of which is not theirs
    expect((await refused(lead, 'revoke', { by: 'all', reason: 'x' })).message).not.toContain('payroll');
  });

  it('is the same where a policy cannot be evaluated, and says which one to the owner', async () => {
    broker.policy.broken = ['half-a-policy'];
    const ask = { leasable: 'store', purpose: 'answer' };
    expect(await lease(lead, ask)).toMatchObject({
      code: 'POLICY_DENIED',
      message: expect.stringContaining('half-a-policy could not be evaluated') as string,
    });
    expect((await lease(stranger, ask)).message).not.toContain('half-a-policy');
    expect(broker.leases.calls).toEqual([]);
  });
});

describe('the audit of refusals', () => {
  it('has who was refused what, by which rule, in a chain of its own', async () => {
    broker.policy.rules = [
      ...broker.policy.rules,
      {
        id: 'no-index-by-rag',
        who: ['Workload:rag-api'],
        actions: ['lease'],
        purposes: ['index'],
        forbids: true,
      },
    ];
    await lease(rag, { leasable: 'store', purpose: 'index' });
    await lease(stranger, { leasable: 'store', purpose: 'answer', ttlSeconds: 9999 });
    const entries = broker.audit.entries(REFUSALS_CHAIN);
    expect(entries).toMatchObject([
      {
        type: 'refusal',
        action: 'lease',
        who: { kind: 'workload', name: 'rag-api', via: 'grant-lease' },
        what: { credential: 'store' },
        why: { policies: ['no-index-by-rag'] },
        result: { outcome: 'refused', code: 'POLICY_DENIED' },
      },
      { who: { name: 'stranger' }, result: { outcome: 'refused', code: 'TTL_REFUSED' } },
    ]);
    expect(broker.audit.entries('store')).toEqual([]);
  });

  it('does not repeat what a caller made up', async () => {
    await lease(stranger, { leasable: 'fake-secret-in-a-name', purpose: 'answer' });
    expect(JSON.stringify(broker.audit.entries())).not.toContain('fake-secret-in-a-name');
  });

  it('is not waited for: what is refused has no effect that would have to', async () => {
    broker = new Broker({
      grant: () => ({ audit: { append: () => Promise.reject(new Error('no audit')) } }),
    });
    expect((await lease(stranger, { leasable: 'store' })).code).toBe('POLICY_DENIED');
  });
});

describe('what is asked for', () => {
  it('has one plain request id, and reasons of one plain line', async () => {
    const ask = { leasable: 'store', purpose: 'answer' } as const;
    for (const requestId of ['', 'two words', 'a\nb', 'é', 'x'.repeat(129)])
      expect((await lease(stranger, { ...ask, requestId })).code).toBe('MALFORMED_REQUEST');
    for (const reason of ['', '  ', 'a\u001b[2Jb', 'a\nb', 'a\u202eb', 'x'.repeat(401)]) {
      expect((await refused(stranger, 'revoke', { by: 'all', reason })).code).toBe('MALFORMED_REQUEST');
      expect((await lease(stranger, { ...ask, breakGlass: reason })).code).toBe('MALFORMED_REQUEST');
      expect((await refused(guest, 'approve', { approval: 'x', reason })).code).toBe('MALFORMED_REQUEST');
    }
  });

  it('is within what the kind of lease can do as well', async () => {
    broker = new Broker({ capabilities: { shortestSeconds: 300, longestSeconds: 1200 } });
    const ask = { leasable: 'store', purpose: 'answer' } as const;
    expect((await lease(rag, { ...ask, ttlSeconds: 299 })).code).toBe('TTL_REFUSED');
    expect((await lease(rag, { ...ask, ttlSeconds: 1201 })).code).toBe('TTL_REFUSED');
    expect((await broker.lease(rag, 'store', { purpose: 'answer', ttlSeconds: 1200 })).lease.phase).toBe(
      'live',
    );
    expect(LEASABLES.store.ttl.maximumSeconds).toBeGreaterThan(1201);
  });
});
