import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { leaseDigest } from '../../lambdas/core/access/lease-digest.ts';
import { sha256Hex } from '../../lambdas/core/digest.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { secondsBetween } from '../../lambdas/core/time.ts';
import { Broker, refusalOf } from './a-broker.ts';
import { agent, CALLERS, LEASABLES } from './an-inventory.ts';
import { writtenDown } from './written-down.ts';

let broker: Broker;
beforeEach(() => {
  broker = new Broker();
});
afterEach(() => broker.judge.assertClean());

const { rag, lead, indexer } = CALLERS;
const answer = { purpose: 'answer' } as const;

describe('a lease', () => {
  it('is issued to whoever policy lets have it, works, and is gone when its time is up', async () => {
    const issued = await broker.lease(rag, 'store', { ...answer, ttlSeconds: 600 });
    expect(issued.lease).toMatchObject({
      leasable: 'store',
      holder: 'workload:rag-api',
      phase: 'live',
      purpose: 'answer',
    });
    expect(broker.works(issued)).toBe(true);

    await broker.pass(660);

    expect(broker.works(issued)).toBe(false);
    expect(await broker.row(issued.lease.id)).toMatchObject({ phase: 'ended', end: { why: 'expired' } });
    expect(broker.leaser.alive()).toEqual([]);
  });

  it('is written down before it is made, and made before it is said to be live', async () => {
    const seen: unknown[] = [];
    broker.leases.wire('memory', async (command) => {
      const id = 'lease' in command ? command.lease : '';
      seen.push([(await broker.row(id))?.phase, broker.audit.entries('store').map(({ type }) => type)]);
      return { key: `memory_l_${id}`, value: new Secret('{"secret":"x"}') };
    });
    await broker.ask(rag, 'lease', { leasable: 'store', requestId: 'r', ...answer });
    expect(seen).toEqual([['issuing', ['intent']]]);
    expect(broker.audit.entries('store').map(({ type, action }) => `${type} ${action}`)).toEqual([
      'intent lease',
      'outcome lease',
    ]);
  });

  it('carries the policies that decided, in the ledger and in the audit', async () => {
    const { lease } = await broker.lease(agent('research-agent', lead), 'store');
    expect((await broker.row(lease.id))?.policies).toEqual(['agents-may-answer', 'retrieval-uses-its-store']);
    expect(broker.audit.entries('store')[0]).toMatchObject({
      who: { kind: 'agent', name: 'research-agent', via: 'grant-lease' },
      what: { lease: lease.id, actingFor: 'person:lena' },
      why: { cause: 'lease', purpose: 'answer', policies: ['agents-may-answer', 'retrieval-uses-its-store'] },
    });
  });

  it('is told its rules of use', async () => {
    expect((await broker.lease(rag, 'store', { purpose: 'index' })).egress).toEqual(LEASABLES.store.egress);
  });

  it('lasts as long as was asked for, and where nothing was asked as long as the inventory says', async () => {
    const asked = await broker.lease(rag, 'store', { ...answer, ttlSeconds: 60 });
    const silent = await broker.lease(rag, 'store', answer);
    const seconds = ({ lease }: typeof asked): number => secondsBetween(lease.issuedAt, lease.expiresAt);
    expect([seconds(asked), seconds(silent)]).toEqual([60, LEASABLES.store.ttl.defaultSeconds]);
    expect(secondsBetween(silent.lease.issuedAt, silent.lease.longestUntil)).toBe(
      LEASABLES.store.ttl.longestSeconds,
    );
    for (const { lease } of [asked, silent])
      expect(broker.timer.scheduled.get(`lease-${lease.id}`)).toMatchObject({
        at: lease.expiresAt,
        event: { type: 'lease.due', detail: { lease: lease.id } },
      });
  });

  it('needs no word on its purpose where there is only one', async () => {
    expect((await broker.lease(indexer, 'store')).lease.purpose).toBe('index');
    expect((await refusalOf(broker.lease(rag, 'store'))).code).toBe('PURPOSE_REFUSED');
  });
});

describe('the value', () => {
  it('is written down nowhere; a digest of it is kept that nobody can make without it', async () => {
    const { value, lease } = await broker.lease(rag, 'store', answer);
    await broker.ask(rag, 'renew', { lease: lease.id });
    await broker.settle();
    const { secret } = JSON.parse(value) as { readonly secret: string };
    expect(secret.length).toBeGreaterThan(20);
    expect(writtenDown(broker)).not.toContain(secret);
    const digest = (await broker.row(lease.id))?.valueDigest;
    expect(digest).toBe(leaseDigest(new Secret(value), lease.id));
    expect([sha256Hex(value), sha256Hex(secret)]).not.toContain(digest);
  });

  it('is told by its digest from that of another lease, though both were the same text', () => {
    const value = new Secret('{"the":"same"}');
    expect(leaseDigest(value, 'a'.repeat(26))).not.toBe(leaseDigest(value, 'b'.repeat(26)));
  });
});

describe('a lease that cannot be handed over', () => {
  it('is ended, whatever was made of it, where its target does not answer', async () => {
    broker.leaser.isDown = true;
    expect((await refusalOf(broker.lease(rag, 'store', answer))).code).toBe('TARGET_UNREACHABLE');
    const [row] = broker.ledger.rows('lease');
    expect(row?.body).toMatchObject({ phase: 'ending', end: { why: 'never-handed-over' } });

    broker.leaser.isDown = false;
    await broker.pass(180);
    expect(broker.ledger.rows('lease')[0]?.body.phase).toBe('ended');
    expect(broker.ledger.rows('lease-quota').map(({ body }) => body.live)).toEqual([0, 0]);
  });

  it('is not even made where the audit cannot take its intent', async () => {
    broker = new Broker({
      grant: ({ audit }) => ({
        audit: {
          append: (entry) =>
            entry.type === 'intent' ? Promise.reject(new Error('no audit')) : audit.append(entry),
        },
      }),
    });
    await expect(broker.lease(rag, 'store', answer)).rejects.toThrow('no audit');
    expect(broker.leases.calls.filter((each) => each.do === 'issue')).toEqual([]);
    await broker.pass(120);
    expect(broker.leaser.alive()).toEqual([]);
  });

  it('goes to nobody where the audit cannot take its outcome', async () => {
    broker = new Broker({
      grant: ({ audit }) => ({
        audit: {
          append: (entry) =>
            entry.type === 'outcome' ? Promise.reject(new Error('no audit')) : audit.append(entry),
        },
      }),
    });
    await expect(broker.lease(rag, 'store', answer)).rejects.toThrow('no audit');
    expect(broker.leaser.alive()).toHaveLength(1);
    await broker.pass(60);
    expect(broker.leaser.alive()).toEqual([]);
    expect(broker.ledger.rows('lease')[0]?.body.end?.why).toBe('never-handed-over');
  });
});

describe('a request', () => {
  const requestId = 'the-same';

  it('is never answered with a value twice, whatever else is asked with its id', async () => {
    const { lease } = await broker.lease(rag, 'store', { ...answer, requestId });
    const again = await refusalOf(broker.lease(rag, 'store', { ...answer, requestId }));
    expect(again).toMatchObject({ code: 'ALREADY_HANDED_OVER' });
    // whoever lost the answer can give it back
    expect(again.message).toContain(lease.id);
    const other = broker.lease(rag, 'store', { purpose: 'index', ttlSeconds: 60, requestId });
    expect((await refusalOf(other)).code).toBe('ALREADY_HANDED_OVER');
    await broker.ask(rag, 'release', { lease: lease.id });
    await broker.settle();
    const later = await refusalOf(broker.lease(rag, 'store', { ...answer, requestId }));
    expect(later).toMatchObject({ code: 'LEASE_OVER' });
    expect(broker.ledger.rows('lease')).toHaveLength(1);
  });

  it('that is made several times at once is answered with one value', async () => {
    const all = await Promise.allSettled(
      Array.from({ length: 6 }, () => broker.lease(rag, 'store', { ...answer, requestId })),
    );
    const codes = all.map((each) =>
      each.status === 'fulfilled' ? 'in' : (each.reason as { readonly code: string }).code,
    );
    expect(codes.toSorted()).toEqual([
      'LEASE_LIMIT',
      'LEASE_LIMIT',
      'LEASE_LIMIT',
      'LEASE_LIMIT',
      'LEASE_LIMIT',
      'in',
    ]);
    expect(broker.leaser.alive()).toHaveLength(1);
  });

  it('of one holder is not that of another who chose the same id', async () => {
    await broker.lease(rag, 'store', { ...answer, requestId });
    expect((await broker.lease(indexer, 'store', { requestId })).lease.holder).toBe('agent:indexer');
  });
});

describe('the token by which somebody asks', () => {
  const proof = new Secret('header.of-the-holder.signature');
  const ask = { leasable: 'store', requestId: 'with-a-token', ...answer };
  const issues = () => broker.leases.calls.filter((command) => command.do === 'issue');

  it('goes to no lease function that does not exchange it', async () => {
    await broker.ask(rag, 'lease', ask, { proof });
    expect(issues()).toHaveLength(1);
    expect(issues().filter((command) => 'proof' in command)).toEqual([]);
  });

  it('goes to one that does', async () => {
    broker = new Broker({ capabilities: { takesHolderToken: true } });
    await broker.ask(rag, 'lease', ask, { proof });
    expect(issues()).toMatchObject([{ proof }]);
  });
});
