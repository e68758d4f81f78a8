import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { LeaseTarget } from '../../lambdas/core/access/lease-rows.ts';
import type { LeaseCommand } from '../../lambdas/core/ports/lease-functions.ts';
import { Broker } from '../grant-lease/a-broker.ts';
import { ACCESS, CALLERS, INVENTORY, LEASABLES } from '../grant-lease/an-inventory.ts';

const { indexer, security } = CALLERS;

const ROOMY = {
  ...INVENTORY,
  access: {
    ...ACCESS,
    leasables: Object.values(LEASABLES).map((each) => ({
      ...each,
      limits: { perPrincipal: 500, total: 500, perMinute: 5000 },
    })),
  },
};

let broker: Broker;
beforeEach(() => {
  broker = new Broker({ inventory: ROOMY, capabilities: { expiresAtTarget: false } });
});
afterEach(() => broker.judge.assertClean());

const aLease = () => broker.lease(indexer, 'store', { ttlSeconds: 1800 });
type Issued = Awaited<ReturnType<typeof aLease>>;

const called = (command: LeaseCommand['do']): number =>
  broker.leases.calls.filter((call) => call.do === command).length;
const target = (): LeaseTarget | undefined =>
  broker.ledger.rowOf('lease-target', 'lease-admin', 'state')?.body;

/** Gives a lease back, and delivers what follows from it. */
async function release({ lease }: Issued): Promise<void> {
  await broker.ask(indexer, 'release', { lease: lease.id });
  await broker.settle();
}

/** Once, while somebody is at the target with such a command. */
function during(command: LeaseCommand['do'], meanwhile: () => Promise<unknown>): void {
  broker.leases.before = async (given) => {
    if (given.do !== command) return;
    broker.leases.before = async () => undefined;
    await meanwhile();
  };
}

/** Stands before or behind commits that change what is known of the target. */
function atCommit(instead: (commit: () => Promise<void>, body: LeaseTarget) => Promise<void>): void {
  const commit = broker.ledger.commit.bind(broker.ledger);
  broker.ledger.commit = async (writes, events) => {
    const write = writes.find(({ family }) => family === 'lease-target');
    const goOn = (): Promise<void> => commit(writes, events);
    return write ? instead(goOn, write.body as LeaseTarget) : goOn();
  };
}

const isLetGo = ({ claim }: LeaseTarget): boolean => claim === undefined;

describe('an end that comes while somebody else is at its target is carried out without a second passing', () => {
  it('when the queue had been looked through already', async () => {
    const issued = await aLease();
    during('list-ours', () => release(issued));
    await broker.round();
    expect(broker.works(issued)).toBe(true);
    await broker.settle();
    expect(broker.works(issued)).toBe(false);
    expect(await broker.row(issued.lease.id)).toMatchObject({ phase: 'ended' });
  });

  it('when whoever is at it was just letting go', async () => {
    const issued = await aLease();
    let isMet = false;
    atCommit(async (commit, body) => {
      if (isLetGo(body) && !isMet) {
        isMet = true;
        await release(issued);
      }
      await commit();
    });
    await broker.round();
    await broker.settle();
    expect(isMet).toBe(true);
    expect(broker.works(issued)).toBe(false);
  });

  it('when both came for one lease each', async () => {
    const [first, second] = [await aLease(), await aLease()];
    during('end', () => release(second));
    await release(first);
    await broker.settle();
    expect([first, second].map((each) => broker.works(each))).toEqual([false, false]);
  });

  it('when whoever let go went by a clock that was ahead', async () => {
    const issued = await aLease();
    await broker.round();
    broker.clock.jump(-2);
    await release(issued);
    expect(broker.works(issued)).toBe(false);
  });
});

describe('nor does an end wait for the clock', () => {
  it.each(['before', 'after'])('when letting go got no answer, lost %s its effect', async (when) => {
    const issued = await aLease();
    let lost = 0;
    during('list-ours', () => release(issued));
    atCommit(async (commit, body) => {
      if (!isLetGo(body) || lost === 2) return commit();
      lost += 1;
      if (when === 'after') await commit();
      throw new LockstepError('LEDGER_UNAVAILABLE', 'as the test says');
    });
    await broker.round();
    await broker.settle();
    expect(lost).toBeGreaterThan(0);
    expect(broker.works(issued)).toBe(false);
  });

  it('when more was left than one round may cost', async () => {
    const leases: Issued[] = [];
    for (let each = 0; each < 250; each += 1) leases.push(await aLease());
    const [first] = leases;
    during('end', () => broker.ask(security, 'revoke', { by: 'all', reason: 'a test' }));
    if (first) await release(first);
    await broker.settle();
    expect(broker.leaser.alive()).toEqual([]);
  }, 60_000);

  it('before a long comparison of everything that its target has', async () => {
    broker = new Broker({
      inventory: ROOMY,
      capabilities: { expiresAtTarget: false },
      leaser: { pageSize: 1 },
    });
    const [issued] = [await aLease(), await aLease(), await aLease(), await aLease()];
    let pages = 0;
    broker.leases.before = async (given) => {
      if (given.do !== 'list-ours') return;
      pages += 1;
      if (pages === 1) await release(issued);
      await broker.clock.advance(6);
    };
    await broker.round();
    // Of the three that fit into a round by their time: nobody looks up more often than every ten seconds.
    expect(pages).toBe(2);
    await broker.settle();
    expect(broker.works(issued)).toBe(false);
    await broker.round();
    expect(pages).toBeGreaterThan(2);
  });
});

describe('however many come meanwhile', () => {
  it('one of them leaves a mark, and the target is looked at once more', async () => {
    const issued = await aLease();
    const leases = [await aLease(), await aLease()];
    for (const { lease } of leases) await broker.ask(indexer, 'release', { lease: lease.id });
    const { length: before } = broker.leases.calls;
    let writes = 0;
    atCommit(async (commit) => {
      await commit();
      writes += 1;
    });
    during('end', async () => {
      for (let each = 0; each < 50; each += 1)
        await broker.sweep({ type: 'lease.due', detail: { lease: leases[0]?.lease.id ?? '' } });
    });
    await broker.settle();
    // Claimed, marked, let go; claimed and let go once more, by the event that the mark led to.
    expect(writes).toBe(5);
    expect(broker.leases.calls.slice(before).map((call) => call.do)).toEqual(['end', 'end']);
    expect(broker.works(issued)).toBe(true);
  });

  it('a target that lets nobody in is left alone as long as ever', async () => {
    const leases = [await aLease(), await aLease()];
    for (const { lease } of leases) await broker.ask(indexer, 'release', { lease: lease.id });
    broker.leaser.isDown = true;
    during('end', async () => {
      for (const { lease } of leases) await broker.sweep({ type: 'lease.due', detail: { lease: lease.id } });
    });
    await broker.settle();
    const { length: asked } = broker.leases.calls;
    expect(target()).toMatchObject({ failures: 1 });
    expect(target()).not.toHaveProperty('isWanted');
    for (const { lease } of leases) await broker.sweep({ type: 'lease.due', detail: { lease: lease.id } });
    await broker.sweep({ type: 'leases.due', detail: { target: 'lease-admin' } });
    await broker.settle();
    expect(broker.leases.calls).toHaveLength(asked);

    broker.leaser.isDown = false;
    await broker.pass(60);
    expect(broker.leaser.alive()).toEqual([]);
  });
});

describe('whoever is at a target for long', () => {
  const LONG = 40;

  it('is left alone there for as long as it says that it is at it', async () => {
    for (let each = 0; each < 20; each += 1) await aLease();
    await broker.ask(security, 'revoke', { by: 'all', reason: 'a test' });
    let batches = 0;
    const seen: number[] = [];
    broker.leases.before = async (given) => {
      if (given.do !== 'end' || called('end') % 10 !== 1) return;
      batches += 1;
      await broker.clock.advance(LONG);
      if (batches < 2) return;
      // Longer than anybody may be at it without a word.
      const before = called('end');
      await broker.round();
      seen.push(called('end') - before);
    };
    await broker.round();
    expect(batches).toBe(2);
    expect(seen).toEqual([0]);
    await broker.settle();
    expect(broker.leaser.alive()).toEqual([]);
  });

  it('and stood still for longer, leaves it to whoever has taken over', async () => {
    const issued = await aLease();
    let took = 0;
    during('list-ours', async () => {
      await broker.clock.advance(61);
      await release(issued);
      took = called('is-refused');
    });
    await broker.round();
    // It asks after nothing any more, and lets go of nothing that is another's.
    expect(called('is-refused')).toBe(took);
    expect(broker.works(issued)).toBe(false);
    expect(target()).not.toHaveProperty('claim');
    const next = await aLease();
    await release(next);
    expect(broker.works(next)).toBe(false);
  });
});

describe('whoever died at a target', () => {
  it('holds up whoever comes for a minute at the longest, marked or not', async () => {
    const issued = await aLease();
    let isDead = false;
    atCommit(async (commit, body) => {
      if (isDead && isLetGo(body)) return;
      await commit();
    });
    during('list-ours', async () => {
      isDead = true;
      await release(issued);
      throw new Error('died');
    });
    await expect(broker.round()).rejects.toThrow('died');
    await broker.settle();
    isDead = false;
    await broker.clock.advance(30);
    await broker.round();
    expect(broker.works(issued)).toBe(true);
    expect(target()).toMatchObject({ isWanted: true });
    await broker.clock.advance(30);
    await broker.round();
    expect(broker.works(issued)).toBe(false);
  });
});
