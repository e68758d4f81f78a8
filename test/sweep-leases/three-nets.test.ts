import { afterEach, describe, expect, it } from 'vitest';
import { instant, secondsAfter } from '../../lambdas/core/time.ts';
import { MARK, OTHER_MARK } from '../fakes/marks.ts';
import { Broker } from '../grant-lease/a-broker.ts';
import { CALLERS } from '../grant-lease/an-inventory.ts';

let broker: Broker;
afterEach(() => broker.judge.assertClean());

const { rag, indexer, security } = CALLERS;
const TTL = 600;
/** Each minute has its timers and its round; what a net leaves, the next minute finds. */
const LATE = 120;

describe('each net by itself, the other two cut', () => {
  it('the target ends a lease by its own clock', async () => {
    broker = new Broker();
    const issued = await broker.lease(indexer, 'store', { ttlSeconds: TTL });
    await broker.pass(TTL - 1, { timers: false, rounds: false });
    expect(broker.works(issued)).toBe(true);
    await broker.pass(1, { timers: false, rounds: false });
    expect(broker.works(issued)).toBe(false);
  });

  it('a timer ends a lease that its target would let live', async () => {
    broker = new Broker({ capabilities: { expiresAtTarget: false } });
    const issued = await broker.lease(indexer, 'store', { ttlSeconds: TTL });
    await broker.pass(TTL - 60, { rounds: false });
    expect(broker.works(issued)).toBe(true);
    await broker.pass(60, { rounds: false });
    expect(broker.works(issued)).toBe(false);
    expect(await broker.row(issued.lease.id)).toMatchObject({ phase: 'ended', end: { why: 'expired' } });
  });

  it('a timer that fires for a lease which was renewed meanwhile ends nothing, and the next one does', async () => {
    broker = new Broker({ capabilities: { expiresAtTarget: false } });
    const issued = await broker.lease(indexer, 'store', { ttlSeconds: TTL });
    const early = broker.timer.scheduled.get(`lease-${issued.lease.id}`)?.event;
    await broker.pass(TTL - 60, { rounds: false });
    await broker.ask(indexer, 'renew', { lease: issued.lease.id, ttlSeconds: TTL });
    await broker.pass(60, { rounds: false });
    if (early?.type === 'lease.due') await broker.sweep(early);
    expect(broker.works(issued)).toBe(true);
    await broker.pass(TTL, { rounds: false });
    expect(broker.works(issued)).toBe(false);
  });

  it('the sweeper ends a lease that its target would let live and whose timer was lost', async () => {
    broker = new Broker({ capabilities: { expiresAtTarget: false } });
    const issued = await broker.lease(indexer, 'store', { ttlSeconds: TTL });
    await broker.pass(TTL - 60, { timers: false });
    expect(broker.works(issued)).toBe(true);
    await broker.pass(LATE, { timers: false });
    expect(broker.works(issued)).toBe(false);
    expect(await broker.row(issued.lease.id)).toMatchObject({ phase: 'ended', end: { why: 'expired' } });
  });

  it('a sweeper that stood still for three days ends what became due meanwhile', async () => {
    broker = new Broker({ capabilities: { expiresAtTarget: false } });
    await broker.pass(60, { timers: false });
    const issued = await broker.lease(indexer, 'store', { ttlSeconds: TTL });
    await broker.pass(3 * 86_400, { timers: false, rounds: false });
    expect(broker.works(issued)).toBe(true);
    await broker.pass(LATE, { timers: false });
    expect(broker.works(issued)).toBe(false);
  });
});

describe('what was never handed over', () => {
  it('is ended by the sweeper alone, whatever of it was made', async () => {
    broker = new Broker({ capabilities: { expiresAtTarget: false } });
    const call = broker.leases.call.bind(broker.leases);
    broker.leases.call = async (kind, command) => {
      await call(kind, command);
      throw new Error('the broker died here');
    };
    const ask = { leasable: 'store', requestId: 'r', purpose: 'answer' };
    await expect(broker.ask(rag, 'lease', ask)).rejects.toThrow('died');
    broker.leases.call = call;
    await broker.ledger.markPublished((await broker.ledger.pending(100)).map(({ id }) => id));
    expect(broker.leaser.alive()).toHaveLength(1);

    await broker.pass(60 + LATE, { timers: false });
    expect(broker.leaser.alive()).toEqual([]);
    expect(broker.ledger.rows('lease').map(({ body }) => [body.phase, body.end?.why])).toEqual([
      ['ended', 'never-handed-over'],
    ]);
  });
});

const stranger = `${MARK}23456789abcdefghjk`;
/** How long what the ledger never knew is left alone. */
const ALONE = 600;
const counted = async (partition: string, id: string): Promise<number | undefined> =>
  (await broker.ledger.read('lease-quota', partition, id))?.body.live;
const inAnHour = (): string => secondsAfter(instant(broker.clock.now()), 3600);

describe('what a target has and the ledger never knew', () => {
  it('takes in what the target has and the ledger does not know, tells on-call, and ends it ten minutes later', async () => {
    broker = new Broker();
    broker.leaser.plant(stranger, 'store', inAnHour());
    await broker.pass(ALONE, { timers: false });
    expect(broker.leaser.alive()).toEqual([stranger]);
    expect(await broker.row(stranger)).toMatchObject({ phase: 'ending', end: { why: 'found' } });
    // It is owed from then on, and not before.
    expect(broker.metrics.samples('lockstep_lease_debt')).not.toContain(1);
    const page = {
      title: 'lease-admin: leases that nobody issued',
      severity: 'high',
      subject: 'lease-admin',
    };
    expect(broker.pages).toMatchObject([page]);

    await broker.pass(LATE, { timers: false });
    expect(broker.leaser.alive()).toEqual([]);
    expect(await broker.row(stranger)).toMatchObject({
      phase: 'ended',
      leasable: 'store',
      end: { why: 'found', by: 'sweep-leases' },
    });
    expect(broker.metrics.total('lockstep_lease_findings', { action: 'unknown' })).toBe(1);
    expect(broker.pages).toHaveLength(1);
    expect(broker.audit.entries('store').map(({ type, action, why }) => [type, action, why.reason])).toEqual([
      ['intent', 'end-lease', 'found'],
      ['outcome', 'end-lease', 'found'],
    ]);
  });

  it('leaves what it issued itself alone for as long, where its ledger was lost, and says so', async () => {
    broker = new Broker();
    const issued = await broker.lease(indexer, 'store', { ttlSeconds: 1800 });
    const again = new Broker({
      grant: () => ({ leases: broker.leases }),
      sweep: () => ({ leases: broker.leases }),
    });
    await again.pass(ALONE, { timers: false });
    expect(broker.works(issued)).toBe(true);
    expect(again.pages.map(({ reasons }) => reasons[0])).toEqual([
      expect.stringContaining('which the ledger of test has never heard of') as string,
    ]);
    await again.pass(LATE, { timers: false });
    expect(broker.works(issued)).toBe(false);
    again.judge.assertClean();
  });
});

describe('what another deployment makes at a target, with the same names', () => {
  /** Another deployment whose environment and whose leasables are called the same, at the target of the first. */
  const beside = (one: Broker): Broker => new Broker({ mark: OTHER_MARK, target: one.leaser });

  it('is counted, and nothing else: no page, no row, and it lives on', async () => {
    broker = new Broker();
    const other = beside(broker);
    const issued = await broker.lease(indexer, 'store', { ttlSeconds: 1800 });
    await other.pass(2 * ALONE, { timers: false });
    expect(broker.works(issued)).toBe(true);
    expect(other.pages).toEqual([]);
    expect(other.ledger.rows('lease')).toEqual([]);
    expect(other.metrics.total('lockstep_lease_findings', { action: 'foreign' })).toBeGreaterThan(0);
    expect(other.metrics.total('lockstep_lease_findings', { action: 'unknown' })).toBe(0);
    other.judge.assertClean();
  });

  it('and nobody knows any more, is found by that deployment alone', async () => {
    broker = new Broker();
    const other = beside(broker);
    broker.leaser.plant(stranger, 'store', inAnHour());
    await other.pass(2 * ALONE, { timers: false });
    expect(broker.leaser.alive()).toEqual([stranger]);
    await broker.pass(ALONE + LATE, { timers: false });
    expect(broker.leaser.alive()).toEqual([]);
    expect([broker.pages.length, other.pages.length]).toEqual([1, 0]);
  });

  it('is not ended by an order to end everything', async () => {
    broker = new Broker();
    const other = beside(broker);
    const issued = await broker.lease(indexer, 'store', { ttlSeconds: 1800 });
    const own = await other.lease(indexer, 'store', { ttlSeconds: 1800 });
    await other.ask(security, 'revoke', { by: 'all', reason: 'a drill' });
    await other.pass(LATE);
    expect([broker.works(issued), other.works(own)]).toEqual([true, false]);
  });
});

describe('what a target has and the ledger does not', () => {
  it('ends again what the ledger has as ended, and gives back its quotas once', async () => {
    broker = new Broker();
    const { lease } = await broker.lease(indexer, 'store', { ttlSeconds: TTL });
    const other = await broker.lease(indexer, 'store', { ttlSeconds: 1800 });
    await broker.pass(TTL + LATE, { timers: false });
    expect(await broker.row(lease.id)).toMatchObject({ phase: 'ended', end: { why: 'expired' } });
    // A backup of the target, from when the lease was live.
    broker.leaser.plant(lease.id, 'store', inAnHour());
    await broker.pass(300 + LATE, { timers: false });
    expect(broker.leaser.alive()).toEqual([other.lease.id]);
    expect(await broker.row(lease.id)).toMatchObject({ phase: 'ended', end: { why: 'found' } });
    expect(await counted('leasable:store', 'use')).toBe(1);
    expect(await counted('holder:agent:indexer', 'store')).toBe(1);
  });

  it('finds all of it, however many pages a target needs to tell', async () => {
    broker = new Broker({ leaser: { pageSize: 7 } });
    for (let each = 0; each < 100; each += 1)
      broker.leaser.plant(`${MARK}23456789abcdefg${String(each).padStart(3, '0')}`, 'store', inAnHour());
    await broker.pass(600 + ALONE, { timers: false });
    expect(broker.leaser.alive()).toEqual([]);
    // Whatever a receiver gets of it, it folds into one.
    expect(new Set(broker.pages.map(({ id }) => id)).size).toBe(1);
  });

  it('says that there is what carries our mark and no id, and touches it not', async () => {
    broker = new Broker();
    const strange = `${MARK}-of-somebody`;
    broker.leaser.plant(strange, 'store', inAnHour());
    await broker.pass(LATE, { timers: false });
    // Once for each thing that is leased there: nobody can say of which it is.
    expect(broker.metrics.total('lockstep_lease_findings', { action: 'unknown' })).toBe(3);
    expect(broker.leaser.alive()).toEqual([strange]);
  });

  it('leaves alone what is live, or being made', async () => {
    broker = new Broker();
    const { lease } = await broker.lease(indexer, 'store', { ttlSeconds: TTL });
    await broker.pass(300, { timers: false });
    expect(broker.leaser.alive()).toEqual([lease.id]);
    expect(broker.metrics.total('lockstep_lease_findings')).toBe(0);
  });
});

describe('what the ledger has and its target does not', () => {
  it('ends a live lease whose pointer was lost, once its time is up', async () => {
    broker = new Broker({ capabilities: { expiresAtTarget: false } });
    const { lease } = await broker.lease(indexer, 'store', { ttlSeconds: TTL });
    for (const { credential, id, revision } of broker.ledger.rows('lease-due'))
      await broker.ledger.commit([
        { family: 'lease-due', credential, id, expected: revision, body: undefined },
      ]);
    await broker.pass(TTL + 300 + LATE, { timers: false });
    expect(broker.leaser.alive()).toEqual([]);
    expect(await broker.row(lease.id)).toMatchObject({ phase: 'ended', end: { why: 'expired' } });
  });

  it('ends a live lease that its target does not know any more, and makes room for another', async () => {
    broker = new Broker();
    const gone = await broker.lease(indexer, 'store', { ttlSeconds: 1800 });
    const stays = await broker.lease(indexer, 'store', { ttlSeconds: 1800 });
    broker.leaser.drop(gone.lease.id);
    await broker.pass(LATE, { timers: false });
    expect(await broker.row(gone.lease.id)).toMatchObject({ phase: 'ended', end: { why: 'lost' } });
    expect(await broker.row(stays.lease.id)).toMatchObject({ phase: 'live' });
    expect(broker.works(stays)).toBe(true);
    expect(await counted('holder:agent:indexer', 'store')).toBe(1);
  });
});
