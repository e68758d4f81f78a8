import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../lambdas/core/secret.ts';
import { secondsAfter, secondsBetween } from '../../lambdas/core/time.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { AccessInventory } from '../../lambdas/core/access/access-inventory.ts';
import type { Caller } from '../../lambdas/core/access/caller.ts';
import { grantLease } from '../../lambdas/grant-lease/grant-lease.ts';
import { Broker, refusalOf } from './a-broker.ts';
import { ACCESS, agent, CALLERS, INVENTORY, LEASABLES, person, RULES, workload } from './an-inventory.ts';

let broker: Broker;
beforeEach(() => {
  broker = new Broker();
});
afterEach(() => broker.judge.assertClean());

const { rag } = CALLERS;
const take = (ttlSeconds = 600) => broker.lease(rag, 'store', { purpose: 'answer', ttlSeconds });
const renew = (lease: string, ttlSeconds?: number) =>
  broker.ask(rag, 'renew', { lease, ...(ttlSeconds === undefined ? {} : { ttlSeconds }) });

describe('a renewal', () => {
  it('moves the end: in the ledger, at the target, of the timer', async () => {
    const issued = await take();
    await broker.pass(500);
    const { lease } = await renew(issued.lease.id, 600);
    expect(secondsBetween(issued.lease.expiresAt, lease.expiresAt)).toBe(500);
    expect(broker.timer.scheduled.get(`lease-${lease.id}`)?.at).toBe(lease.expiresAt);

    await broker.pass(540);
    expect(broker.works(issued)).toBe(true);
    await broker.pass(120);
    expect(broker.works(issued)).toBe(false);
    expect(await broker.row(lease.id)).toMatchObject({
      phase: 'ended',
      renewals: 1,
      end: { why: 'expired' },
    });
  });

  it('leaves one thing to look at when it is over, and not one for each renewal', async () => {
    const { lease } = await take();
    for (let time = 0; time < 3; time += 1) {
      await broker.pass(120);
      await renew(lease.id, 600);
    }
    expect(broker.ledger.rows('lease-due')).toHaveLength(1);
    expect(broker.timer.scheduled.size).toBe(1);
  });

  it('goes to the longest that a lease may live, and no further', async () => {
    const issued = await take(1800);
    let last = issued.lease;
    for (let time = 0; time < 8; time += 1) {
      await broker.pass(1200);
      if (broker.clock.now().toISOString() >= issued.lease.longestUntil) break;
      last = (await renew(last.id, 1800)).lease;
    }
    expect(last.expiresAt).toBe(issued.lease.longestUntil);
    await broker.pass(60);
    expect(broker.works(issued)).toBe(false);
    expect((await refusalOf(renew(last.id))).code).toBe('LEASE_OVER');
  });

  it('never makes a lease shorter', async () => {
    const { lease } = await take(1200);
    expect((await renew(lease.id, 60)).lease.expiresAt).toBe(lease.expiresAt);
  });

  it('is audited from intent to outcome, with the policies that decided anew', async () => {
    const { lease } = await take();
    broker.policy.rules = RULES.map((rule) =>
      rule.id === 'retrieval-uses-its-store' ? { ...rule, id: 'as-it-is-now' } : rule,
    );
    await broker.pass(120);
    await renew(lease.id);
    const entries = broker.audit.entries('store').filter(({ action }) => action === 'renew-lease');
    expect(entries.map(({ type, why }) => [type, why.policies, why.purpose])).toEqual([
      ['intent', ['as-it-is-now'], 'answer'],
      ['outcome', ['as-it-is-now'], 'answer'],
    ]);
  });
});

describe('a renewal is refused', () => {
  it('where policy lets its holder have it no more; the lease ends when it was to end', async () => {
    const issued = await take();
    broker.policy.rules = [];
    const refusal = await refusalOf(renew(issued.lease.id));
    expect(refusal).toMatchObject({ code: 'POLICY_DENIED' });
    expect(refusal.message).toContain('it ends when it was to end');
    await broker.pass(300);
    expect(broker.works(issued)).toBe(true);
    await broker.pass(360);
    expect(broker.works(issued)).toBe(false);
  });

  it('beyond the longest time at once, whatever is asked for', async () => {
    const { lease } = await take();
    for (const ttlSeconds of [1801, 10 ** 9, -1, 0, 1.5, Number.MAX_SAFE_INTEGER])
      expect((await refusalOf(renew(lease.id, ttlSeconds))).code).toBe('TTL_REFUSED');
    expect((await broker.row(lease.id))?.expiresAt).toBe(lease.expiresAt);
  });

  it('of a lease that is over, be it released, revoked or expired', async () => {
    const [released, revoked, expired] = [await take(), await take(), await take(60)];
    await broker.ask(rag, 'release', { lease: released.lease.id });
    await broker.ask(CALLERS.lead, 'revoke', { by: 'lease', name: revoked.lease.id, reason: 'seen' });
    // nobody has looked yet: the time itself says so
    await broker.clock.advance(61);
    for (const { lease } of [released, revoked, expired])
      expect((await refusalOf(renew(lease.id))).code).toBe('LEASE_OVER');
    expect(broker.leases.calls.filter((each) => each.do === 'renew')).toEqual([]);
  });

  it('of a kind that cannot', async () => {
    broker = new Broker({ capabilities: { renewable: false } });
    const { lease } = await take();
    // Said when it is handed over, so that nobody of ours asks.
    expect(lease.longestUntil).toBe(lease.expiresAt);
    expect((await refusalOf(renew(lease.id))).code).toBe('NOT_SUPPORTED');
  });
});

describe('a renewal for a purpose that its holder may state no more', () => {
  /** What the broker says to a renewal when the inventory is another one. */
  const later = (caller: Caller, lease: string, access: Partial<AccessInventory>) =>
    refusalOf(
      grantLease({ ...broker.grantPorts, inventory: { ...INVENTORY, access: { ...ACCESS, ...access } } })(
        caller,
        { ask: 'renew', lease },
        {},
      ),
    );

  it('is refused to a session that is narrowed, and the lease ends when it was to end', async () => {
    const issued = await take();
    const narrowed = workload('rag-api', { purposes: ['index'] });
    const refusal = await refusalOf(broker.ask(narrowed, 'renew', { lease: issued.lease.id }));
    expect(refusal).toMatchObject({ code: 'PURPOSE_REFUSED' });
    expect(refusal.message).toContain('it ends when it was to end');
    expect(await broker.row(issued.lease.id)).toMatchObject({
      expiresAt: issued.lease.expiresAt,
      renewals: 0,
    });
    await renew(issued.lease.id);
  });

  it('is refused where the inventory binds them to it no more, or leases it for that no more', async () => {
    const { lease } = await take();
    const purposeBindings = ACCESS.purposeBindings.filter(
      ({ principal }) => principal !== 'workload:rag-api',
    );
    const leasables = [{ ...LEASABLES.store, purposes: ['index'] }];
    for (const access of [{ purposeBindings }, { leasables }])
      expect((await later(rag, lease.id, access)).code).toBe('PURPOSE_REFUSED');
  });

  it('is refused where the person behind an agent lost it', async () => {
    const lena = person('lena', ['retrieval-lead']);
    const { lease } = await broker.lease(agent('research-agent', lena), 'store', { purpose: 'answer' });
    const without = agent('research-agent', { ...lena, claims: { purposes: ['index'] } });
    expect((await refusalOf(broker.ask(without, 'renew', { lease: lease.id }))).code).toBe('PURPOSE_REFUSED');
  });
});

describe('a renewal that fails at the target', () => {
  it('leaves the lease to end there sooner than the ledger says, never later', async () => {
    const issued = await take();
    await broker.pass(540);
    broker.leaser.isDown = true;
    expect((await refusalOf(renew(issued.lease.id, 1800))).code).toBe('TARGET_UNREACHABLE');
    broker.leaser.isDown = false;
    expect(secondsBetween(issued.lease.expiresAt, (await broker.row(issued.lease.id))?.expiresAt ?? '')).toBe(
      1740,
    );
    await broker.clock.advance(61);
    expect(broker.works(issued)).toBe(false);
  });

  it('is done by the next one, also where there is nothing left to move in the ledger', async () => {
    const issued = await take(1800);
    for (let time = 0; time < 4; time += 1) {
      await broker.pass(1380);
      if (time < 3) await renew(issued.lease.id, 1800);
    }
    broker.leaser.isDown = true;
    await refusalOf(renew(issued.lease.id, 1800));
    broker.leaser.isDown = false;
    expect((await broker.row(issued.lease.id))?.expiresAt).toBe(issued.lease.longestUntil);

    await renew(issued.lease.id, 1800);
    await broker.clock.advance(1500);
    expect(broker.works(issued)).toBe(true);
  });

  it('tells the lease to end where the target has it no more', async () => {
    const { lease } = await take();
    broker.leases.before = async ({ do: what }) => {
      if (what === 'renew') throw new LockstepError('LEASE_OVER', 'it is gone');
    };
    expect((await refusalOf(renew(lease.id))).code).toBe('LEASE_OVER');
    expect(await broker.row(lease.id)).toMatchObject({ phase: 'ending', end: { why: 'expired' } });
  });
});

describe('a renewal and somebody else', () => {
  it('are both done where two renew at once, and the longer one holds', async () => {
    const issued = await take();
    await broker.pass(300);
    const both = await Promise.all([renew(issued.lease.id, 600), renew(issued.lease.id, 1800)]);
    expect(both).toHaveLength(2);
    const until = (await broker.row(issued.lease.id))?.expiresAt ?? '';
    expect(until).toBe(secondsAfter(broker.clock.now().toISOString(), 1800));
    await broker.clock.advance(1799);
    expect(broker.works(issued)).toBe(true);
  });

  it('do not undo each other where the first one reaches the target last', async () => {
    const issued = await take();
    await broker.pass(300);
    broker.leases.before = async ({ do: what }) => {
      if (what !== 'renew') return;
      broker.leases.before = async () => undefined;
      await renew(issued.lease.id, 1800);
    };
    await renew(issued.lease.id, 600);
    expect((await broker.row(issued.lease.id))?.expiresAt).toBe(
      secondsAfter(broker.clock.now().toISOString(), 1800),
    );
    await broker.clock.advance(1799);
    expect(broker.works(issued)).toBe(true);
  });

  it('do not bring back a lease that was revoked while the renewal was on its way', async () => {
    const issued = await take();
    await broker.pass(300);
    broker.leases.before = async ({ do: what }) => {
      if (what !== 'renew') return;
      broker.leases.before = async () => undefined;
      await broker.ask(CALLERS.lead, 'revoke', { by: 'lease', name: issued.lease.id, reason: 'seen' });
      await broker.settle();
    };
    expect((await refusalOf(renew(issued.lease.id))).code).toBe('LEASE_OVER');
    expect(broker.leaser.accepts(new Secret(issued.value))).toBe(false);
    expect(await broker.row(issued.lease.id)).toMatchObject({ phase: 'ended', end: { why: 'revoked' } });
  });
});
