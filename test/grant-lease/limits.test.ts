import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Leasable } from '../../lambdas/core/access/access-inventory.ts';
import type { Caller, CallingWorkload } from '../../lambdas/core/access/caller.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';
import { Broker, refusalOf } from './a-broker.ts';
import { ACCESS, CALLERS, INVENTORY, RULES, workload } from './an-inventory.ts';

const { rag, indexer } = CALLERS;
const answer = { purpose: 'answer', ttlSeconds: 600 } as const;
/** Workloads that may all lease the store. */
const crowd: readonly CallingWorkload[] = Array.from({ length: 12 }, (_, at) => workload(`worker-${at}`));

const wide: Leasable['limits'] = { perPrincipal: 1000, total: 1000, perMinute: 100_000 };

function limited(
  limits: Partial<Leasable['limits']>,
  ofTarget?: { readonly total: number; readonly perMinute: number },
): Inventory {
  const bound = crowd.map(({ name }) => ({ principal: `workload:${name}`, purposes: ['answer'] }));
  return {
    ...INVENTORY,
    access: {
      ...ACCESS,
      purposeBindings: [...ACCESS.purposeBindings, ...bound],
      leasables: ACCESS.leasables.map((each) => ({ ...each, limits: { ...wide, ...limits } })),
      leaseAuthorities: ACCESS.leaseAuthorities.map((each) => ({
        ...each,
        ...(ofTarget ? { limits: ofTarget } : {}),
      })),
    },
  };
}

let broker: Broker;
function open(...limits: Parameters<typeof limited>): void {
  broker = new Broker({ inventory: limited(...limits) });
  broker.policy.rules = [
    ...RULES,
    {
      id: 'crowd',
      who: crowd.map(({ name }) => `Workload:${name}`),
      actions: ['lease'],
      leasables: ['store', 'notes'],
    },
  ];
}
beforeEach(() => open({}));
afterEach(() => broker.judge.assertClean());

const take = (caller: Caller = rag, leasable = 'store', more = {}) =>
  broker.lease(caller, leasable, { ...answer, ...more });

/** What somebody is told who is not let in: how long to wait. */
async function waitOf(call: Promise<unknown>): Promise<number> {
  const { code, message, retryAfterSeconds = NaN } = await refusalOf(call);
  expect(code).toBe('LEASE_LIMIT');
  const at = new Date(broker.clock.now().getTime() + retryAfterSeconds * 1000).toISOString();
  expect(message).toContain('come back at');
  expect(Math.abs(Date.parse(at) - Date.parse(/come back at (\S+),/.exec(message)?.[1] ?? ''))).toBeLessThan(
    1000,
  );
  return retryAfterSeconds;
}

describe('the limit of one principal', () => {
  it('says when to come back, and then there is room', async () => {
    open({ perPrincipal: 2 });
    await take(rag, 'store', { ttlSeconds: 300 });
    await take();
    const wait = await waitOf(take());
    expect(wait).toBeGreaterThanOrEqual(300);
    expect(wait).toBeLessThanOrEqual(300 + 75);
    await broker.pass(wait);
    await take();
  });

  it('is made room in by a release, once the target has ended it', async () => {
    open({ perPrincipal: 1 });
    const { lease } = await take();
    broker.leaser.isDown = true;
    await broker.ask(rag, 'release', { lease: lease.id });
    await broker.settle();
    // what may still work at the target counts
    expect(await waitOf(take())).toBeGreaterThan(0);
    broker.leaser.isDown = false;
    await broker.pass(120);
    await take();
  });

  it('is its own: nobody else is refused by it', async () => {
    open({ perPrincipal: 1 });
    await take();
    await waitOf(take());
    await broker.lease(indexer, 'store');
    await take(rag, 'store', { purpose: 'index' }).catch(() => undefined);
    expect(broker.leaser.alive()).toHaveLength(2);
  });
});

describe('the limit of what is leased', () => {
  it('gives the next room to whoever waits for it, not to whoever comes first then', async () => {
    open({ total: 2 });
    const [first, second, third, late] = crowd;
    await take(first, 'store', { ttlSeconds: 300 });
    await take(second);
    const wait = await waitOf(take(third));
    await broker.pass(wait - 5);
    await waitOf(take(late));
    await broker.pass(10);
    await waitOf(take(late));
    await take(third);
    expect(broker.leaser.alive()).toHaveLength(2);
  });

  it('goes to the next one where whoever waited does not come', async () => {
    open({ total: 1 });
    const [first, second, third] = crowd;
    await take(first, 'store', { ttlSeconds: 300 });
    const wait = await waitOf(take(second));
    await broker.pass(wait);
    const later = await waitOf(take(third));
    expect(later).toBeLessThanOrEqual(31);
    await broker.pass(later + 1);
    await take(third);
  });
});

describe('the limit of a target', () => {
  it('is over everything that is made there, whatever it is called', async () => {
    open({}, { total: 3, perMinute: 100_000 });
    const [first, second] = crowd;
    await take(first, 'store', { ttlSeconds: 300 });
    await take(first, 'notes');
    await take(second, 'notes');
    const refusal = await refusalOf(take(second, 'store'));
    expect(refusal).toMatchObject({ code: 'LEASE_LIMIT' });
    expect(refusal.message).toContain('what lease-admin makes: all 3 leases are taken');
  });

  it('leaves nothing counted of a lease that it did not let in', async () => {
    open({}, { total: 1, perMinute: 100_000 });
    await take();
    await waitOf(broker.lease(indexer, 'store'));
    await broker.pass(780);
    await broker.lease(indexer, 'store');
    const use = Object.fromEntries(
      broker.ledger.rows('lease-quota').map(({ credential, body }) => [credential, body.live]),
    );
    expect(use).toEqual({
      'holder:workload:rag-api': 0,
      'holder:agent:indexer': 1,
      'leasable:store': 1,
      'target:lease-admin': 1,
    });
  });
});

describe('leases in a minute', () => {
  it('are shared: a holder that floods has one turn in each round, as the others', async () => {
    open({ perMinute: 12 });
    const [flood = rag, ...others] = crowd.slice(0, 4);
    const got = new Map<string, number>();
    const next = new Map<string, number>();
    const tries = async (caller: CallingWorkload): Promise<void> => {
      try {
        await take(caller);
        got.set(caller.name, (got.get(caller.name) ?? 0) + 1);
      } catch (error) {
        const { retryAfterSeconds = 0 } = error as { readonly retryAfterSeconds?: number };
        next.set(caller.name, broker.clock.now().getTime() + retryAfterSeconds * 1000);
      }
    };
    for (let second = 0; second < 120; second += 1) {
      for (let time = 0; time < 5; time += 1) await tries(flood);
      for (const caller of others)
        if ((next.get(caller.name) ?? 0) <= broker.clock.now().getTime()) await tries(caller);
      await broker.clock.advance(1);
    }
    const shares = [...got.values()];
    expect(shares).toHaveLength(4);
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(4);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeGreaterThanOrEqual(20);
  });

  it('let in whoever comes at the time that it was told', async () => {
    open({ perMinute: 4 });
    const [first, ...rest] = crowd;
    await take(first);
    const waits = await Promise.all(
      rest.slice(0, 4).map(async (caller) => ({ caller, wait: await waitOf(take(caller)) })),
    );
    let passed = 0;
    for (const { caller, wait } of waits.toSorted((a, b) => a.wait - b.wait)) {
      await broker.clock.advance(wait - passed);
      passed = wait;
      expect((await take(caller)).lease.holder).toBe(`workload:${caller.name}`);
    }
  });
});

describe('leases that are asked for at once', () => {
  it('never become more than there is room for, and nobody is left without an answer', async () => {
    open({ total: 5, perPrincipal: 5 });
    const all = await Promise.allSettled(crowd.map((caller) => take(caller)));
    const codes = all.map((each) =>
      each.status === 'fulfilled' ? 'in' : (each.reason as { readonly code: string }).code,
    );
    expect(new Set(codes)).toEqual(new Set(['in', 'LEASE_LIMIT']));
    const inside = codes.filter((code) => code === 'in').length;
    expect(inside).toBeLessThanOrEqual(5);
    expect(broker.leaser.alive()).toHaveLength(inside);
    const [quota] = broker.ledger
      .rows('lease-quota')
      .filter(({ credential }) => credential === 'leasable:store');
    expect(quota?.body.live).toBe(inside);
  });
});
