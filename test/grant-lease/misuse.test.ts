import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../../lambdas/core/access/caller.ts';
import type { VerifiedToken } from '../../lambdas/core/ports/token-verifier.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { answerAccess } from '../../lambdas/grant-lease/answer-access.ts';
import { grantLease } from '../../lambdas/grant-lease/grant-lease.ts';
import { Broker, refusalOf } from './a-broker.ts';
import { ACCESS, agent, CALLERS, INVENTORY, person } from './an-inventory.ts';

let broker: Broker;
beforeEach(() => {
  broker = new Broker();
});
afterEach(() => broker.judge.assertClean());

const { rag, lead, stranger, security, indexer } = CALLERS;
const codeOf = async (call: Promise<unknown>): Promise<string> => (await refusalOf(call)).code;
const findings = () => broker.ledger.rows('finding').map(({ body }) => body);

describe('somebody who names the lease of another', () => {
  const ask = async (caller: Caller, lease: string, what: 'renew' | 'release' = 'release'): Promise<string> =>
    codeOf(broker.ask(caller, what, { lease }));

  it('is refused, found, and on-call is paged with who, what and why it is odd', async () => {
    const issued = await broker.lease(rag, 'store', { purpose: 'answer' });
    expect(await ask(stranger, issued.lease.id)).toBe('POLICY_DENIED');
    expect(await ask(lead, issued.lease.id)).toBe('NOT_THE_HOLDER');
    await broker.settle();
    expect(findings()).toMatchObject([
      { rule: 'foreign-lease', severity: 'high', credential: 'store', principal: stranger.principal },
      { rule: 'foreign-lease', principal: 'lena' },
    ]);
    expect(broker.pages.map(({ title }) => title)).toContain("Somebody asked about another's lease");
    const reasons = broker.pages[0]?.reasons.join(' ') ?? '';
    expect(reasons).toContain('workload:stranger');
    expect(reasons).toContain(
      `asked the broker about lease ${issued.lease.id} of store, which belongs to workload:rag-api`,
    );
    const audited = broker.audit.entries('store').filter(({ type }) => type === 'finding');
    expect(audited).toMatchObject([
      { who: { kind: 'function', name: 'grant-lease' }, why: { cause: 'watch' } },
      { who: { name: 'grant-lease' } },
    ]);
    expect(broker.works(issued)).toBe(true);
  });

  it('is found as the agent of one person that names the lease that it holds for another', async () => {
    const { lease } = await broker.lease(agent('research-agent', lead), 'store');
    await ask(agent('research-agent', person('bob', ['retrieval-lead'])), lease.id);
    await broker.settle();
    expect(broker.pages[0]?.reasons.join(' ')).toMatch(
      /agent:research-agent for person:bob.*belongs to agent:research-agent for person:lena/,
    );
  });

  it('is one finding however often they do it, and does not cost more by being done more often', async () => {
    const { lease } = await broker.lease(rag, 'store', { purpose: 'answer' });
    await ask(stranger, lease.id);
    await broker.clock.advance(1);
    await ask(stranger, lease.id);
    const before = broker.ledger.rows('finding').map(({ revision }) => revision);
    for (let time = 0; time < 50; time += 1) {
      await ask(stranger, lease.id, 'renew');
      await broker.clock.advance(1);
    }
    await broker.settle();
    // all of it within one minute
    expect(broker.ledger.rows('finding').map(({ revision }) => revision)).toEqual(before);
    expect(broker.pages).toHaveLength(1);
  });

  it('is no finding where there is no such lease, or it is one’s own', async () => {
    const { lease } = await broker.lease(rag, 'store', { purpose: 'answer' });
    await ask(stranger, '0'.repeat(26));
    await broker.ask(rag, 'release', { lease: lease.id });
    await broker.ask(rag, 'release', { lease: lease.id });
    expect(findings()).toEqual([]);
  });
});

describe('somebody who names the lease of another, and may end it', () => {
  it('is told the command for it, and the finding says so', async () => {
    const issued = await broker.lease(rag, 'store', { purpose: 'answer' });
    const { id } = issued.lease;
    // Of the team or not: whoever may revoke is shown it anyway.
    for (const [caller, what] of [
      [lead, 'release'],
      [security, 'release'],
      [security, 'renew'],
    ] as const)
      expect((await refusalOf(broker.ask(caller, what, { lease: id }))).message).toContain(
        `; you may end it: lockstep revoke-leases lease ${id} --reason '…'`,
      );
    const other = await refusalOf(broker.ask(indexer, 'release', { lease: id }));
    expect([other.code, other.message.includes('revoke-leases')]).toEqual(['NOT_THE_HOLDER', false]);
    await broker.settle();
    const of = (who: string) =>
      findings()
        .find(({ principal }) => principal.includes(who))
        ?.reasons.join(' ');
    expect(of('lena')).toContain('Perhaps: it may end this lease as somebody who may revoke');
    expect(of('indexer')).toContain(
      'Odd: the id of a lease is told to its holder and to whoever may revoke it',
    );
  });
});

describe('a token that comes twice', () => {
  const verified = (id: string): VerifiedToken => ({
    issuer: {
      name: 'ci',
      issuer: 'https://ci.example',
      audience: 'lockstep',
      algorithms: ['ES256'],
      clockSkewSeconds: 30,
      longestTokenSeconds: 3600,
      use: 'caller',
    },
    subject: 'rag',
    id,
    issuedAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2026-01-01T00:10:00.000Z',
    claims: { sub: 'rag' },
  });
  const inventory = {
    ...INVENTORY,
    access: { ...ACCESS, workloadTokens: { 'rag-api': [{ issuer: 'ci', claims: { sub: 'rag' } }] } },
  };

  /** The door that takes tokens; a token is known by its text. */
  const send = (token: string, body: unknown): Promise<unknown> => {
    const { grantPorts } = broker;
    const tokens = { verify: async (text: Secret) => verified(text.reveal()) };
    return answerAccess(
      {
        recognise: { ...grantPorts, inventory, tokens },
        finding: grantPorts,
        grant: grantLease({ ...grantPorts, inventory }),
      },
      { shown: { by: 'token', token: new Secret(token) }, body },
    );
  };
  const ask = (requestId: string) => ({ ask: 'lease', leasable: 'store', purpose: 'answer', requestId });

  it('is refused, found and paged; nobody is let in by it', async () => {
    await send('token-a', ask('one'));
    expect(await codeOf(send('token-a', ask('two')))).toBe('TOKEN_REPLAYED');
    expect(await codeOf(send('token-a', { ask: 'whoami' }))).toBe('TOKEN_REPLAYED');
    await broker.settle();
    expect(findings()).toMatchObject([{ rule: 'token-replayed', severity: 'high' }]);
    expect(broker.pages).toMatchObject([{ title: 'A token was used a second time' }]);
    expect(broker.pages[0]?.reasons.join(' ')).toContain('workload rag-api');
    expect(broker.leaser.alive()).toHaveLength(1);
  });

  it('is no finding where it is the same request again, which gets no value again', async () => {
    await send('token-a', ask('one'));
    expect(await codeOf(send('token-a', ask('one')))).toBe('ALREADY_HANDED_OVER');
    expect(findings()).toEqual([]);
  });

  it('is not even looked at where what is asked is malformed', async () => {
    expect(await codeOf(send('token-a', { ask: 'lease', leasable: 'store' }))).toBe('MALFORMED_REQUEST');
    await send('token-a', ask('one'));
    expect(findings()).toEqual([]);
  });
});
