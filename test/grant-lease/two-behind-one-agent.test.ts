import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Leasable } from '../../lambdas/core/access/access-inventory.ts';
import type { Person } from '../../lambdas/core/access/caller.ts';
import { askFor } from './approved.ts';
import { Broker, refusalOf } from './a-broker.ts';
import { ACCESS, agent, CALLERS, INVENTORY, person, RULES } from './an-inventory.ts';

const { finn, fred, rag, lead } = CALLERS;
const lou = person('lou', ['retrieval-lead']);
const behind = (who: Person) => agent('research-agent', who);

let broker: Broker;
function open(limits: Partial<Leasable['limits']> = {}): void {
  const bindings = ACCESS.purposeBindings.map((each) =>
    each.principal === 'agent:research-agent' ? { ...each, purposes: ['answer', 'repair'] } : each,
  );
  const leasables = ACCESS.leasables.map((each) => ({ ...each, limits: { ...each.limits, ...limits } }));
  broker = new Broker({
    inventory: { ...INVENTORY, access: { ...ACCESS, leasables, purposeBindings: bindings } },
  });
  broker.policy.rules = [
    ...RULES,
    { id: 'agents-repair', who: ['Agent:research-agent'], actions: ['lease'], leasables: ['payroll'] },
  ];
}
beforeEach(() => open());
afterEach(() => broker.judge.assertClean());

const take = (who: Person, more = {}) =>
  broker.lease(behind(who), 'store', { purpose: 'answer', ttlSeconds: 300, ...more });
const quotas = (): Readonly<Record<string, number>> =>
  Object.fromEntries(
    broker.ledger.rows('lease-quota').map(({ credential, body }) => [credential, body.live]),
  );

describe('of two people behind one agent, one that takes all it may', () => {
  it('leaves the other its leases, and is told that the limit is its own', async () => {
    for (let number = 0; number < 5; number += 1) await take(lead);
    const { code, message } = await refusalOf(take(lead));
    expect(code).toBe('LEASE_LIMIT');
    expect(message).toContain('agent:research-agent for person:lena has 5 leases of store');
    await take(lou);
    await take(lou);
    expect(quotas()).toMatchObject({
      'holder:agent:research-agent for person:lena': 5,
      'holder:agent:research-agent for person:lou': 2,
      'holder:agent:research-agent': 7,
      'leasable:store': 7,
    });
  });

  it('is told when its own leases end, whatever the other has', async () => {
    open({ perPrincipal: 1 });
    await take(lou, { ttlSeconds: 300 });
    await take(lead, { ttlSeconds: 900 });
    const { retryAfterSeconds = 0 } = await refusalOf(take(lead));
    expect(retryAfterSeconds).toBeGreaterThanOrEqual(900);
    expect(retryAfterSeconds).toBeLessThanOrEqual(975);
    await broker.pass(retryAfterSeconds);
    await take(lead);
  });

  it('gives back what it had, to itself and to the total of the agent', async () => {
    const { lease } = await take(lead);
    await take(lou);
    await broker.ask(behind(lead), 'release', { lease: lease.id });
    await broker.settle();
    expect(quotas()).toMatchObject({
      'holder:agent:research-agent for person:lena': 0,
      'holder:agent:research-agent for person:lou': 1,
      'holder:agent:research-agent': 1,
    });
  });

  it('has one turn of each round, as the other', async () => {
    open({ perMinute: 4 });
    await take(lead);
    const wait = async (who: Person): Promise<number> => (await refusalOf(take(who))).retryAfterSeconds ?? 0;
    const first = await wait(lead);
    expect(await wait(lead)).toBe(first);
    // a turn of its own, behind the other's, where one name for both would be told the same
    const second = await wait(lou);
    expect(second).toBeGreaterThan(first);
    await broker.clock.advance(second);
    await take(lou);
    await take(lead);
  });
});

describe('of two people behind one agent, one that asks for all it may', () => {
  it('leaves the other its requests that wait for people', async () => {
    for (let number = 0; number < 5; number += 1) await askFor(broker, behind(finn), { purpose: 'repair' });
    const { code, message } = await refusalOf(askFor(broker, behind(finn), { purpose: 'repair' }));
    expect(code).toBe('LEASE_LIMIT');
    expect(message).toContain('agent:research-agent for person:finn wait for people');
    await askFor(broker, behind(fred), { purpose: 'repair' });
  });

  it('uses up no request id of the other', async () => {
    const [hers, his] = [
      await take(lead, { requestId: 'nightly' }),
      await take(lou, { requestId: 'nightly' }),
    ];
    expect(hers.lease.id).not.toBe(his.lease.id);
    const { code, message } = await refusalOf(take(lou, { requestId: 'nightly' }));
    expect(code).toBe('ALREADY_HANDED_OVER');
    expect(message).toContain(his.lease.id);
    expect(message).not.toContain(hers.lease.id);
    // nor of a request that waits for people
    const ask = { purpose: 'repair', requestId: 'payday' };
    const waiting = await askFor(broker, behind(finn), ask);
    expect((await askFor(broker, behind(fred), ask)).id).not.toBe(waiting.id);
    expect((await askFor(broker, behind(finn), ask)).id).toBe(waiting.id);
  });
});

describe('the total of an agent, whoever stands behind it', () => {
  const crowd = Array.from({ length: 6 }, (_, at) => person(`p${at}`, ['retrieval-lead', 'finance']));

  it('leaves room for one more principal', async () => {
    open({ perPrincipal: 2, total: 6 });
    const [one, two, three] = crowd;
    if (!one || !two || !three) throw new Error('there are six');
    for (const who of [one, one, two, two]) await take(who);
    const { code, message } = await refusalOf(take(three));
    expect(code).toBe('LEASE_LIMIT');
    expect(message).toContain(
      'agent:research-agent, for everybody that it acts for, has 4 leases of store that are not over, of 4',
    );
    await broker.lease(rag, 'store', { purpose: 'answer' });
    await broker.lease(rag, 'store', { purpose: 'answer' });
  });

  it('has people paged twenty times at once, and no more', async () => {
    for (const who of crowd.slice(0, 4))
      for (let number = 0; number < 5; number += 1) await askFor(broker, behind(who), { purpose: 'repair' });
    const last = crowd[4] ?? finn;
    const { code, message } = await refusalOf(askFor(broker, behind(last), { purpose: 'repair' }));
    expect(code).toBe('LEASE_LIMIT');
    expect(message).toContain('20 requests of agent:research-agent wait for people');
    // by themselves they wait behind nobody
    await askFor(broker, last, { purpose: 'repair' });
  });
});
