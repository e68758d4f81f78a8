import { afterEach, describe, expect, it } from 'vitest';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { create } from '../../lambdas/core/ports/ledger.ts';
import type { FailedEnd } from '../../lambdas/sweep-leases/sweep-ports.ts';
import { Broker } from '../grant-lease/a-broker.ts';
import { ACCESS, CALLERS, INVENTORY, LEASABLES } from '../grant-lease/an-inventory.ts';
import { stubborn } from './a-stubborn-target.ts';

let broker: Broker;
afterEach(() => broker.judge.assertClean());

const { indexer, security } = CALLERS;
const TTL = 600;
const HOUR = 3600;

/** A store without a limit that would be met here. */
const ROOMY = {
  ...INVENTORY,
  access: {
    ...ACCESS,
    leasables: Object.values(LEASABLES).map((each) => ({
      ...each,
      limits: { perPrincipal: 5000, total: 5000, perMinute: 5000 },
    })),
  },
};

const debt = (): number | undefined => broker.metrics.last('lockstep_lease_debt', { target: 'lease-admin' });
const ends = (): number => broker.leases.calls.filter((call) => call.do === 'end').length;
const revokeAll = () => broker.ask(security, 'revoke', { by: 'all', reason: 'a test' });

async function leases(count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let each = 0; each < count; each += 1)
    ids.push((await broker.lease(indexer, 'store', { ttlSeconds: 1800 })).lease.id);
  return ids;
}

describe('a target that is down for hours', () => {
  it('owes what should have ended, visibly, and it is ended when it is back', async () => {
    const told: FailedEnd[] = [];
    broker = new Broker({
      capabilities: { expiresAtTarget: false },
      sweep: () => ({ onFailedEnd: (failed) => void told.push(failed) }),
    });
    const issued = await broker.lease(indexer, 'store', { ttlSeconds: TTL });
    broker.leaser.isDown = true;
    await broker.pass(TTL + 5 * HOUR);
    expect(debt()).toBe(1);
    expect(told.at(-1)).toEqual({
      lease: issued.lease.id,
      leasable: 'store',
      target: 'lease-admin',
      code: 'TARGET_UNREACHABLE',
      what: 'the memory target is down; it is tried again',
    });
    const { leases: shown } = await broker.ask(indexer, 'leases', {});
    expect(shown).toMatchObject([{ id: issued.lease.id, phase: 'ending', end: { why: 'expired' } }]);
    expect(shown[0]?.failedEnds).toBeGreaterThan(10);
    expect((await broker.row(issued.lease.id))?.lastError).toMatch(/^TARGET_UNREACHABLE: /);

    broker.leaser.isDown = false;
    // It is asked again within five minutes, however long it was away.
    await broker.pass(360);
    expect(broker.works(issued)).toBe(false);
    expect(debt()).toBe(0);
    expect((await broker.ask(indexer, 'leases', {})).leases).toEqual([]);
  });
});

describe('while a target lets nobody in, it', () => {
  it('is asked by one, now and then, and not by every lease that waits', async () => {
    broker = new Broker({ inventory: ROOMY, capabilities: { expiresAtTarget: false } });
    await leases(100);
    broker.leaser.isDown = true;
    await revokeAll();
    await broker.pass(HOUR);
    // At first after 30 s, in the end every five minutes, ten leases at a time.
    expect(ends()).toBeGreaterThan(5 * 10);
    expect(ends()).toBeLessThanOrEqual(20 * 10);
  });

  it('owes only what waits for longer than an end takes', async () => {
    broker = new Broker({ capabilities: { expiresAtTarget: false } });
    await broker.lease(indexer, 'store', { ttlSeconds: TTL });
    broker.leaser.isDown = true;
    await broker.pass(TTL + 120);
    expect(debt()).toBe(0);
    await broker.pass(120);
    expect(debt()).toBe(1);
  });

  it('is left alone as a whole where it refuses our login as well', async () => {
    broker = new Broker({
      inventory: ROOMY,
      capabilities: { expiresAtTarget: false },
      sweep: (ports) => ({
        leases: stubborn(ports.leases, ({ do: what }) =>
          isLockedOut
            ? new LockstepError('TARGET_REFUSES_LOGIN', `${what}: the login is refused`)
            : undefined,
        ),
      }),
    });
    let isLockedOut = true;
    await leases(30);
    await revokeAll();
    await broker.pass(HOUR);
    // Nobody lost its place: when the login is mended the dangerous ones come first.
    expect(broker.ledger.rows('lease-ending').map(({ credential }) => credential)).toEqual(
      Array.from({ length: 30 }, () => 'lease-admin'),
    );
    isLockedOut = false;
    await broker.pass(360);
    expect(broker.leaser.alive()).toEqual([]);
  });
});

describe('a lease that its target will not end', () => {
  it('is tried for ever, at growing intervals, and holds up no other', { timeout: 60_000 }, async () => {
    const refused = new Set<string>();
    let tries = 0;
    broker = new Broker({
      inventory: ROOMY,
      capabilities: { expiresAtTarget: false },
      sweep: (ports) => ({
        leases: stubborn(ports.leases, (command) => {
          if (command.do !== 'end' || !refused.has(command.lease)) return undefined;
          tries += 1;
          return new LockstepError('TARGET_REFUSED', 'it owns something that cannot be dropped');
        }),
      }),
    });
    const [first = '', ...others] = await leases(20);
    refused.add(first);
    await revokeAll();
    await broker.pass(60);
    expect(broker.leaser.alive()).toEqual([first]);
    expect(others.length).toBe(19);

    await broker.pass(12 * HOUR);
    // Every ten minutes at the longest.
    expect(tries).toBeGreaterThan((12 * HOUR) / 600);
    expect(tries).toBeLessThan((12 * HOUR) / 300);
    expect(debt()).toBe(1);
    refused.clear();
    await broker.pass(660);
    expect(broker.leaser.alive()).toEqual([]);
    expect(debt()).toBe(0);
  });

  it.each([
    ['refuses', new LockstepError('TARGET_REFUSED', 'no')],
    ['does not answer', new LockstepError('TARGET_UNREACHABLE', 'no answer')],
  ])(
    'starves nobody, be there ever so many, more dangerous than all others: it %s',
    { timeout: 60_000 },
    async (_how, error) => {
      broker = new Broker({
        inventory: ROOMY,
        capabilities: { expiresAtTarget: false },
        sweep: (ports) => ({
          leases: stubborn(ports.leases, (command) =>
            command.do === 'end' && command.leasable === 'notes' ? error : undefined,
          ),
        }),
      });
      // Tier 0: they come before everything else.
      await queued(700, 'notes', 0);
      await leases(5);
      await revokeAll();
      await broker.pass(20 * 60);
      expect(broker.leaser.alive().filter((id) => !id.startsWith('0000'))).toEqual([]);
      // Each of the others has had its turn as well.
      const attempts = broker.ledger.rows('lease-ending').map(({ body }) => body.attempts);
      expect(attempts).toHaveLength(700);
      expect(Math.min(...attempts)).toBeGreaterThan(0);
    },
  );
});

describe('a target that cannot be asked for a list', { timeout: 60_000 }, () => {
  const blind = { expiresAtTarget: false, listsOurs: false };

  it('counts as down where it answers nobody, and nothing loses its place at first', async () => {
    broker = new Broker({ inventory: ROOMY, capabilities: blind });
    await leases(30);
    broker.leaser.isDown = true;
    await revokeAll();
    await broker.pass(3 * 60);
    expect(broker.ledger.rows('lease-ending').map(({ credential }) => credential)).toEqual(
      Array.from({ length: 30 }, () => 'lease-admin'),
    );
    await broker.pass(4 * HOUR);
    broker.leaser.isDown = false;
    // What went out of the way waits for ten minutes at the longest.
    await broker.pass(660);
    expect(broker.leaser.alive()).toEqual([]);
  });

  it('is not taken for down for long because of leases that never get an answer', async () => {
    const hanging = new Set<string>();
    broker = new Broker({
      inventory: ROOMY,
      capabilities: blind,
      sweep: (ports) => ({
        leases: stubborn(ports.leases, (command) =>
          command.do === 'end' && hanging.has(command.lease)
            ? new LockstepError('TARGET_UNREACHABLE', 'no answer')
            : undefined,
        ),
      }),
    });
    const ids = await leases(40);
    for (const id of [...ids].sort().slice(0, 20)) hanging.add(id);
    await revokeAll();
    await broker.pass(2 * HOUR);
    expect([...broker.leaser.alive()].sort()).toEqual([...hanging].sort());
  });
});

/** Leases that wait to be ended, as if they had been told. */
async function queued(count: number, leasable: string, tier: 0 | 1 | 2): Promise<void> {
  const { lease } = await broker.lease(indexer, 'store', { ttlSeconds: 1800 });
  const like = await broker.row(lease.id);
  if (!like) throw new Error('no lease');
  const at = broker.clock.now().toISOString();
  const end = { why: 'revoked', by: 'a test', at } as const;
  for (let each = 0; each < count; each += 1) {
    const id = `0000000000000000000000${String(each).padStart(4, '0')}`;
    const body = { ...like, id, leasable, tier, phase: 'ending', end, isUncounted: true } as const;
    const ending = { lease: id, since: at, attempts: 0, notBefore: at };
    await broker.ledger.commit([
      create('lease', id, 'lease', body),
      create('lease-ending', like.target, `${tier}-${id}`, ending),
    ]);
  }
}
