import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../../lambdas/core/access/caller.ts';
import type { AuditEntry } from '../../lambdas/core/audit/record.ts';
import { Broker, refusalOf } from './a-broker.ts';
import { agent, CALLERS, INVENTORY, person, RULES } from './an-inventory.ts';
import { approveBy, askFor } from './approved.ts';

const { finn, fred, faye, lead } = CALLERS;
const door = { source: '192.0.2.7' };
const decidedBy = { policies: 'digest-of-the-table', inventory: INVENTORY.digest };

/** Lena behind the agent: each known by a session of their own. */
const lena = person('lena', ['retrieval-lead'], { tokenId: 'token-of-lena' });
const forLena: Caller = {
  ...agent('research-agent', lena, { leases: ['store'] }),
  session: 'run-4711',
};

let broker: Broker;
beforeEach(() => {
  broker = new Broker();
});
afterEach(() => broker.judge.assertClean());

const entries = (action: AuditEntry['action'], chain = 'store'): readonly AuditEntry[] =>
  broker.audit.entries(chain).filter((entry) => entry.action === action);

const lease = (more = {}) =>
  broker.ask(forLena, 'lease', { leasable: 'store', requestId: 'r', ttlSeconds: 600, ...more }, door);

async function issued(): Promise<string> {
  const answer = await lease();
  if (answer.status !== 'issued') throw new Error(answer.status);
  broker.judge.forbid((JSON.parse(answer.value) as { readonly secret: string }).secret);
  return answer.lease.id;
}

describe('the audit of a lease', () => {
  it('says for how long, until when, who it was in which session, from where, for whom, and by which text', async () => {
    const id = await issued();
    const until = new Date(broker.clock.now().getTime() + 600_000).toISOString();
    const [intent, outcome] = entries('lease');
    expect(intent).toMatchObject({
      type: 'intent',
      who: {
        kind: 'agent',
        name: 'research-agent',
        via: 'grant-lease',
        principal: 'arn:aws:iam::111111111111:role/research-agent',
        session: 'run-4711',
        source: '192.0.2.7',
        actingFor: {
          name: 'lena',
          principal: 'https://id.example|lena',
          tokenId: 'token-of-lena',
          roles: ['retrieval-lead'],
          secondFactor: 'proved',
        },
      },
      what: { credential: 'store', lease: id, actingFor: 'person:lena', ttlSeconds: '600', until },
      why: {
        cause: 'lease',
        purpose: 'answer',
        policies: ['agents-may-answer', 'retrieval-uses-its-store'],
        answers: [
          { of: 'caller', says: 'allowed', policies: ['agents-may-answer'] },
          { of: 'acting-for', says: 'allowed', policies: ['retrieval-uses-its-store'] },
          { of: 'claims', says: 'allowed', policies: [] },
        ],
        decidedBy,
      },
    });
    expect(outcome).toMatchObject({
      type: 'outcome',
      who: intent?.who,
      what: intent?.what,
      why: intent?.why,
    });
    expect(outcome?.result).not.toHaveProperty('until');
  });
});

describe('the audit of a lease says no more than what is known', () => {
  it('nothing of a second factor that nobody proved, nor of an address or a session that nobody saw', async () => {
    await broker.lease({ ...lead, mfa: false }, 'store', { purpose: 'answer' });
    expect(entries('lease')[0]?.who).toEqual({
      kind: 'person',
      name: 'lena',
      via: 'grant-lease',
      principal: 'https://id.example|lena',
      roles: ['retrieval-lead'],
    });
  });

  it('but the end that its target made of it, where that is another one', async () => {
    const sooner = new Date(broker.clock.now().getTime() + 300_000).toISOString();
    broker = new Broker({
      grant: ({ leases }) => ({
        leases: {
          call: async (kind, command) => {
            const made = await leases.call(kind, command);
            return command.do === 'issue' ? { ...made, expiresAt: sooner } : made;
          },
        },
      }),
    });
    await issued();
    expect(entries('lease').map(({ result }) => result?.until)).toEqual([undefined, sooner]);
  });
});

describe('the audit of what becomes of a lease', () => {
  it('goes on with its renewal and its release', async () => {
    const id = await issued();
    await broker.clock.advance(60);
    await broker.ask(forLena, 'renew', { lease: id, ttlSeconds: 1200 }, door);
    const until = new Date(broker.clock.now().getTime() + 1_200_000).toISOString();
    for (const entry of entries('renew-lease'))
      expect(entry).toMatchObject({
        who: { session: 'run-4711', source: '192.0.2.7', actingFor: { tokenId: 'token-of-lena' } },
        what: { lease: id, ttlSeconds: '1200', until },
        why: {
          purpose: 'answer',
          answers: [{ of: 'caller' }, { of: 'acting-for' }, { of: 'claims' }],
          decidedBy,
        },
      });
    expect(entries('renew-lease')).toHaveLength(2);
    await broker.ask(forLena, 'release', { lease: id }, door);
    expect(entries('end-lease')).toMatchObject([
      {
        who: { session: 'run-4711', source: '192.0.2.7' },
        what: { lease: id, actingFor: 'person:lena', until },
        why: { purpose: 'answer', reason: 'released by its holder' },
      },
    ]);
  });

  it('has who ended it for somebody else, of which lease, and by which right', async () => {
    const id = await issued();
    await broker.ask(lead, 'revoke', { by: 'lease', name: id, reason: 'odd' }, door);
    expect(entries('revoke-leases')).toMatchObject([
      {
        who: { kind: 'person', name: 'lena', roles: ['retrieval-lead'], secondFactor: 'proved', ...door },
        what: { lease: id, actingFor: 'person:lena', until: expect.any(String) as string },
        why: {
          purpose: 'answer',
          policies: ['leads-revoke'],
          answers: [{ of: 'caller', says: 'allowed', policies: ['leads-revoke'] }],
          decidedBy,
        },
      },
    ]);
  });
});

describe('the audit of what people decide', () => {
  it('says of which time they knew, and how each of them was known', async () => {
    const { id, ask } = await askFor(broker, finn);
    await approveBy(broker, id, { ...fred, session: 'fred-at-night', claims: { tokenId: 'token-of-fred' } });
    await broker.ask(faye, 'deny', { approval: id, reason: 'no' }, door);
    for (const action of ['ask-approval', 'approve', 'deny'] as const)
      for (const entry of entries(action, 'payroll'))
        expect(entry).toMatchObject({
          what: { approval: id, ttlSeconds: String(ask.ttlSeconds ?? 900) },
          why: { purpose: 'repair', answers: [{ of: 'caller' }], decidedBy },
        });
    expect(entries('approve', 'payroll')[0]?.who).toMatchObject({
      name: 'fred',
      session: 'fred-at-night',
      tokenId: 'token-of-fred',
      secondFactor: 'proved',
    });
    expect(entries('deny', 'payroll')[0]?.who).toMatchObject({ name: 'faye', ...door });
  });

  it('names who broke the glass and who reviewed it, not only their role', async () => {
    const { lease: taken } = await broker.lease({ ...finn, session: 'finn' }, 'payroll', {
      breakGlass: 'payday',
    });
    await broker.ask(fred, 'review', { lease: taken.id, note: 'all there' }, door);
    const [broken] = entries('break-glass', 'payroll');
    expect(broken).toMatchObject({
      who: { name: 'finn', session: 'finn', principal: 'https://id.example|finn' },
      what: { ttlSeconds: '900', until: taken.expiresAt },
    });
    for (const entry of entries('review', 'payroll'))
      expect(entry).toMatchObject({
        who: { name: 'fred', ...door },
        what: { lease: taken.id, until: taken.expiresAt },
        why: { policies: ['finance-approves'], decidedBy },
      });
  });
});

describe('the audit of a refusal', () => {
  it('has every answer apart, with what denied and what did not', async () => {
    const ask = { leasable: 'payroll', purpose: 'answer', requestId: 'r' };
    const bob = person('bob', ['retrieval-lead']);
    broker.policy.rules = [
      ...RULES,
      { id: 'not-bob', who: ['Person:bob'], actions: ['lease'], forbids: true },
    ];
    await refusalOf(broker.ask(agent('research-agent', bob), 'lease', { ...ask, leasable: 'store' }, door));
    expect(entries('lease', '*access').at(-1)).toMatchObject({
      who: { source: '192.0.2.7', actingFor: { name: 'bob', principal: 'https://id.example|bob' } },
      why: {
        policies: ['not-bob'],
        answers: [
          { of: 'caller', says: 'allowed', policies: ['agents-may-answer'] },
          { of: 'acting-for', says: 'denied', policies: ['not-bob'] },
        ],
        decidedBy,
      },
    });
    // What was allowed of several that were all needed denied nothing.
    await refusalOf(broker.ask(lead, 'revoke', { by: 'all', reason: 'odd' }, door));
    expect(entries('revoke-leases', '*access').at(-1)?.why).toMatchObject({
      answers: [{ of: 'caller', says: 'denied', policies: [] }],
    });
    await refusalOf(lease({ ...ask, leasable: 'notes' }));
    expect(entries('lease', '*access').at(-1)?.why.answers).toContainEqual({
      of: 'claims',
      says: 'denied',
      policies: [],
    });
  });

  it('has what was asked: the time, and a lease or an approval that there is', async () => {
    await refusalOf(lease({ leasable: 'notes' }));
    expect(entries('lease', '*access').at(-1)?.what).toMatchObject({
      credential: 'notes',
      ttlSeconds: '600',
    });
    const id = await issued();
    await refusalOf(broker.ask(finn, 'renew', { lease: id }, door));
    expect(entries('renew-lease', '*access').at(-1)?.what).toMatchObject({ credential: 'store', lease: id });
    const { id: approval } = await askFor(broker, finn);
    await refusalOf(broker.ask(finn, 'approve', { approval, reason: 'mine' }, door));
    expect(entries('approve', '*access').at(-1)?.what).toMatchObject({ approval });
    // What there is not was named by the caller, and is nowhere.
    await refusalOf(broker.ask(finn, 'renew', { lease: '0123456789abcdefghjkmnpqrs' }, door));
    expect(entries('renew-lease', '*access').at(-1)?.what).toEqual({ credential: '*access' });
  });
});

it('entries hold texts, lists and objects, as verifiers were told', async () => {
  const id = await issued();
  await broker.ask(forLena, 'renew', { lease: id }, door);
  await refusalOf(lease({ leasable: 'notes' }));
  await askFor(broker, finn);
  const leaves = (value: unknown): readonly unknown[] =>
    typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [value];
  for (const leaf of leaves(broker.audit.entries())) expect(typeof leaf).toBe('string');
});
