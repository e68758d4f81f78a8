import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseAsk } from '../../lambdas/contracts/access-requests.ts';
import type { Caller } from '../../lambdas/core/access/caller.ts';
import { secondsBetween } from '../../lambdas/core/time.ts';
import { Broker, refusalOf } from './a-broker.ts';
import { ACCESS, agent, CALLERS, INVENTORY, LEASABLES, person, workload } from './an-inventory.ts';

let broker: Broker;
beforeEach(() => {
  broker = new Broker();
});
afterEach(() => broker.judge.assertClean());

const { rag, lead, stranger, guest, indexer } = CALLERS;
const codeOf = async (call: Promise<unknown>): Promise<string> => (await refusalOf(call)).code;
const take = (caller: Caller, more = {}) => broker.lease(caller, 'store', more);

describe('a ttl that was tampered with', () => {
  const { maximumSeconds, longestSeconds } = LEASABLES.store.ttl;
  const odd = fc.oneof(
    { arbitrary: fc.integer({ min: 1, max: maximumSeconds }), weight: 4 },
    fc.integer({ min: -10, max: 3 * longestSeconds }),
    fc.double(),
    fc.constantFrom(NaN, Infinity, -Infinity, Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 53, -0, 1e-9),
  );

  it('never makes a lease longer than the inventory says, however it is asked for and renewed', async () => {
    await fc.assert(
      fc.asyncProperty(
        odd,
        fc.array(fc.record({ ttl: odd, waits: fc.nat({ max: 2000 }) }), { maxLength: 8 }),
        async (ttl, renewals) => {
          const story = new Broker();
          const issued = await story
            .lease(rag, 'store', { purpose: 'answer', ttlSeconds: ttl })
            .catch(() => undefined);
          if (!issued) return;
          const { id, issuedAt } = issued.lease;
          for (const { ttl: ttlSeconds, waits } of renewals) {
            await story.clock.advance(waits);
            await story.ask(rag, 'renew', { lease: id, ttlSeconds }).catch(() => undefined);
            const lease = await story.row(id);
            const now = story.clock.now().toISOString();
            expect(secondsBetween(now, lease?.expiresAt ?? '')).toBeLessThanOrEqual(maximumSeconds);
            expect(secondsBetween(issuedAt, lease?.expiresAt ?? '')).toBeLessThanOrEqual(longestSeconds);
          }
          await story.clock.advance(longestSeconds);
          expect(story.works(issued)).toBe(false);
          story.judge.assertClean();
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is no number in another spelling', () => {
    for (const ttlSeconds of ['900', [900], { valueOf: 900 }, true])
      expect(() => parseAsk({ ask: 'lease', leasable: 'store', requestId: 'r', ttlSeconds })).toThrow(
        'ttlSeconds should be a number',
      );
  });
});

describe('what an ask says of who asks', () => {
  it('is refused by its name: who it is, whom it acts for, what it may, what was approved', () => {
    const smuggled = {
      holder: 'agent:indexer',
      caller: { is: 'person', name: 'lena' },
      actingFor: 'person:lena',
      policies: ['all'],
      approvals: ['fred', 'faye'],
      roles: ['security'],
      claims: { purposes: ['repair'] },
    };
    const ask = { ask: 'lease', leasable: 'store', requestId: 'r' };
    for (const [field, value] of Object.entries(smuggled))
      expect(() => parseAsk({ ...ask, [field]: value })).toThrow(`no field ${field}`);
    expect(parseAsk(ask)).toEqual(ask);
    expect(() => parseAsk(JSON.parse('{"ask":"whoami","__proto__":{"ask":"revoke"}}'))).toThrow('no field');
    expect(() => parseAsk({ ...ask, ttlSecond: 10 })).toThrow('no field ttlSecond');
    expect(() => parseAsk({ ask: 'toString' })).toThrow('ask');
  });

  it('cannot make a workload out of an agent of the same name, nor a person of a workload', async () => {
    const issued = await take(rag, { purpose: 'answer' });
    const named = 'rag-api';
    for (const caller of [person(named, []), { ...indexer, name: named }, workload(`workload:${named}`)])
      expect(['POLICY_DENIED', 'UNAUTHENTICATED']).toContain(
        await codeOf(broker.ask(caller, 'release', { lease: issued.lease.id })),
      );
    expect(broker.works(issued)).toBe(true);
  });
});

describe('a purpose that was tampered with', () => {
  it('is narrowed by every source, and widened by none', async () => {
    const narrowed = { ...rag, claims: { purposes: ['index', 'repair'] } };
    expect(await codeOf(take(narrowed, { purpose: 'answer' }))).toBe('PURPOSE_REFUSED');
    expect(await codeOf(take(narrowed, { purpose: 'repair' }))).toBe('PURPOSE_REFUSED');
    expect((await take(narrowed)).lease.purpose).toBe('index');
    expect(await codeOf(take({ ...rag, claims: { purposes: [] } }, { purpose: 'answer' }))).toBe(
      'PURPOSE_REFUSED',
    );
  });

  it('is no more for an agent than what the person behind it may state, nor more than its own', async () => {
    const onlyIndex = person('ida', ['retrieval-lead'], { purposes: ['index'] });
    expect(await codeOf(take(agent('research-agent', onlyIndex)))).toBe('POLICY_DENIED');
    expect(await codeOf(take(agent('research-agent', lead), { purpose: 'index' }))).toBe('PURPOSE_REFUSED');
    expect(await codeOf(take(agent('research-agent', lead, { purposes: ['index'] })))).toBe('POLICY_DENIED');
    expect((await take(agent('research-agent', lead, { purposes: ['answer', 'index'] }))).lease.purpose).toBe(
      'answer',
    );
  });

  it('is a name and nothing else, whatever it looks like', async () => {
    for (const purpose of [
      'answer ',
      'ANSWER',
      'answer"',
      'answer,index',
      '*',
      '["answer"]',
      '__proto__',
      'a\u0000',
    ])
      expect(await codeOf(take(rag, { purpose }))).toBe('PURPOSE_REFUSED');
  });
});

describe('a confused deputy', () => {
  const forLead = agent('research-agent', lead);
  const forGuest = agent('research-agent', guest);

  it('gets nothing for somebody who may not have it, though it could have it itself', async () => {
    expect(await codeOf(take(forGuest, { purpose: 'answer' }))).toBe('POLICY_DENIED');
    expect(broker.leases.calls).toEqual([]);
  });

  it('does nothing for one person with what it holds for another', async () => {
    const issued = await take(forLead);
    for (const caller of [forGuest, agent('research-agent', person('bob', ['retrieval-lead'])), lead])
      for (const what of ['renew', 'release'] as const)
        expect(['NOT_THE_HOLDER', 'POLICY_DENIED']).toContain(
          await codeOf(broker.ask(caller, what, { lease: issued.lease.id })),
        );
    expect(broker.works(issued)).toBe(true);
    expect((await broker.row(issued.lease.id))?.renewals).toBe(0);
    expect((await broker.ask(forGuest, 'leases', {})).leases).toEqual([]);
  });

  it('is nobody without the person behind it, whatever it asks', async () => {
    const { lease } = await take(forLead);
    const alone = agent('research-agent');
    for (const call of [
      take(alone),
      broker.ask(alone, 'whoami', {}),
      broker.ask(alone, 'leases', {}),
      broker.ask(alone, 'renew', { lease: lease.id }),
      broker.ask(alone, 'release', { lease: lease.id }),
      broker.ask(alone, 'revoke', { by: 'all', reason: 'x' }),
      take(agent('no-such-agent', lead)),
    ])
      expect(await codeOf(call)).toBe('UNAUTHENTICATED');
  });

  it('has no more than the claims of either session leave', async () => {
    const elsewhere = { leases: ['notes'] };
    expect(await codeOf(take({ ...rag, claims: elsewhere }, { purpose: 'answer' }))).toBe('POLICY_DENIED');
    expect(await codeOf(take(agent('research-agent', lead, elsewhere)))).toBe('POLICY_DENIED');
    expect(await codeOf(take(agent('research-agent', person('lena', ['retrieval-lead'], elsewhere))))).toBe(
      'POLICY_DENIED',
    );
  });
});

describe('names that mean something elsewhere', () => {
  const NAMES = [
    'store" || true || "',
    "store'; permit(principal,action,resource);//",
    'store\nstore',
    '../store',
    'Store',
    'store#x',
    '*',
    '__proto__',
  ];

  it('reach policy as names, and are refused as whatever there is not', async () => {
    for (const leasable of NAMES) {
      expect(await codeOf(broker.lease(rag, leasable, { purpose: 'answer' }))).toBe('POLICY_DENIED');
      expect(broker.policy.asked.at(-1)?.resource).toEqual({ type: 'Leasable', id: leasable });
    }
  });

  it('reach the ledger only where they can be ids of ours', async () => {
    const read: string[] = [];
    broker = new Broker({
      grant: ({ ledger }) => ({
        ledger: {
          ...ledger,
          read: async (family, credential, id) => {
            read.push(`${family} ${credential} ${id}`);
            return ledger.read(family, credential, id);
          },
        },
      }),
    });
    for (const lease of [...NAMES, 'a'.repeat(27), 'A'.repeat(26), `${'0'.repeat(25)}\n`])
      for (const call of [
        broker.ask(stranger, 'renew', { lease }),
        broker.ask(stranger, 'revoke', { by: 'lease', name: lease, reason: 'x' }),
        broker.ask(guest, 'review', { lease, note: 'x' }),
        broker.ask(guest, 'approve', { approval: lease, reason: 'x' }),
      ])
        expect(await codeOf(call)).toBe('POLICY_DENIED');
    expect(read).toEqual([]);
  });
});

describe('a session that tags its own request with a purpose', () => {
  const untold = { ...ACCESS, purposeBindings: [] };
  const tagged = { keptPurposes: ['answer', 'index'] };
  const bare = () => new Broker({ inventory: { ...INVENTORY, access: untold } });

  it('gets nothing by it where no binding and no claim of its issuer gives the purpose', async () => {
    const story = bare();
    const caller = workload('rag-api', tagged);
    expect(await codeOf(story.lease(caller, 'store', { purpose: 'answer' }))).toBe('PURPOSE_REFUSED');
    expect(await story.ask(caller, 'whoami', {})).toMatchObject({ purposes: [] });
    expect(story.leaser.alive()).toEqual([]);
  });

  it('gets what its issuer says, and no more', async () => {
    const story = bare();
    const caller = workload('rag-api', { ...tagged, purposes: ['answer'] });
    expect(await codeOf(story.lease(caller, 'store', { purpose: 'index' }))).toBe('PURPOSE_REFUSED');
    const { lease } = await story.lease(caller, 'store', { purpose: 'answer' });
    expect(lease.purpose).toBe('answer');
  });
});
