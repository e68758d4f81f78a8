import { describe, expect, it } from 'vitest';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { faulty, withEveryFault, type FaultPlan } from '../fakes/faulty.ts';
import { Broker } from './a-broker.ts';
import { CALLERS } from './an-inventory.ts';
import { approvalRow, approveBy, askFor } from './approved.ts';

const { rag, finn, fred, faye, security, lead } = CALLERS;
const answer = { purpose: 'answer', ttlSeconds: 600 } as const;

/** A broker of which every call to the outside may fail as a plan says, once `arm` is called. */
function weak(plan: FaultPlan): { readonly broker: Broker; readonly arm: () => void } {
  let isArmed = false;
  const armed = <P extends object>(name: Parameters<typeof faulty>[0], port: P): P => {
    const weakened = faulty(name, port, plan);
    return new Proxy(port, {
      get: (_target, property) => {
        const chosen = isArmed ? weakened : port;
        const member: unknown = Reflect.get(chosen, property);
        return typeof member === 'function'
          ? (...given: readonly unknown[]): unknown => Reflect.apply(member, chosen, given)
          : member;
      },
    });
  };
  const broker = new Broker({
    grant: ({ ledger, audit, leases, timer }) => ({
      ledger: armed('ledger', ledger),
      audit: armed('audit', audit),
      leases: armed('target', leases),
      timer: armed('timer', timer),
    }),
  });
  return { broker, arm: () => (isArmed = true) };
}

const quiet = async (call: Promise<unknown>): Promise<boolean> =>
  call.then(
    () => true,
    () => false,
  );

/** In the end: what works at the target is a live lease of the ledger, and what is counted is what there is. */
async function assertSettled(broker: Broker, story: string): Promise<void> {
  const live = broker.ledger.rows('lease').filter(({ body }) => body.phase === 'live');
  expect(broker.leaser.alive().toSorted(), story).toEqual(live.map(({ body }) => body.id).toSorted());
  for (const { credential, body } of broker.ledger.rows('lease-quota'))
    expect(body.live, `${story}: ${credential}`).toBe(live.length);
  expect(broker.ledger.rows('lease-ending'), story).toEqual([]);
  expect(broker.ledger.rows('lease-due'), story).toHaveLength(live.length);
  broker.judge.assertClean();
}

describe('whatever call of an issue fails or is the last one', () => {
  it('nothing works at the target that is not handed over and live, and the same request gets no value again', async () => {
    const calls = await withEveryFault(async (plan, story) => {
      const { broker, arm } = weak(plan);
      arm();
      const isHandedOver = await quiet(broker.lease(rag, 'store', { ...answer, requestId: 'one' }));
      const ids = broker.ledger.rows('lease').map(({ body }) => body.id);
      // a new process answers from here on
      const next = new Broker({ grant: () => ({ ...broker.grantPorts }) });
      await broker.pass(180);
      await assertSettled(broker, story);
      // a process that dies with the value in its hands leaves a lease that nobody uses, until its time is up
      const isAsAnswered = broker.leaser.alive().length === (isHandedOver ? 1 : 0);
      expect(isAsAnswered || story.startsWith('die'), story).toBe(true);
      const again = await quiet(next.ask(rag, 'lease', { ...answer, leasable: 'store', requestId: 'one' }));
      // it is answered with a value only where nothing had been written down for it
      expect(again, story).toBe(ids.length === 0);
      await broker.pass(780);
      expect(broker.leaser.alive(), story).toEqual([]);
    });
    expect(calls).toBeGreaterThanOrEqual(9);
  });

  it('an approval lets one lease through, and no second one', async () => {
    await withEveryFault(async (plan, story) => {
      const { broker, arm } = weak(plan);
      const { id, ask } = await askFor(broker, finn);
      await approveBy(broker, id, fred, faye);
      arm();
      await quiet(broker.lease(finn, 'payroll', { ...ask, approval: id }));
      const next = new Broker({ grant: () => ({ ...broker.grantPorts }) });
      for (let time = 0; time < 3; time += 1) await quiet(next.ask(finn, 'lease', { ...ask, approval: id }));
      await broker.pass(180);
      expect(broker.ledger.rows('lease'), story).toHaveLength(1);
      expect((await approvalRow(broker, id))?.usedFor, story).toBe(broker.ledger.rows('lease')[0]?.body.id);
      await assertSettled(broker, story);
    });
  });
});

describe('whatever call of another ask fails or is the last one', () => {
  it('a renewal leaves the target no longer than the ledger, and the next one mends it', async () => {
    await withEveryFault(async (plan, story) => {
      const { broker, arm } = weak(plan);
      const issued = await broker.lease(rag, 'store', answer);
      await broker.clock.advance(300);
      arm();
      await quiet(broker.ask(rag, 'renew', { lease: issued.lease.id, ttlSeconds: 600 }));
      const until = Date.parse((await broker.row(issued.lease.id))?.expiresAt ?? '');
      const next = new Broker({ grant: () => ({ ...broker.grantPorts }) });
      await next.ask(rag, 'renew', { lease: issued.lease.id, ttlSeconds: 600 });
      await broker.clock.advance(599);
      expect(broker.works(issued), story).toBe(true);
      await broker.clock.advance(2);
      expect(broker.works(issued), story).toBe(false);
      expect(broker.clock.now().getTime(), story).toBeGreaterThan(until);
    });
  });

  it('a release or an order to revoke that was given is carried out, and one that was not can be given again', async () => {
    for (const end of [
      (broker: Broker, id: string) => broker.ask(rag, 'release', { lease: id }),
      (broker: Broker, id: string) => broker.ask(security, 'revoke', { by: 'lease', name: id, reason: 'x' }),
      (broker: Broker) => broker.ask(security, 'revoke', { by: 'all', reason: 'x' }),
      (broker: Broker) => broker.ask(lead, 'revoke', { by: 'leasable', name: 'store', reason: 'x' }),
    ])
      await withEveryFault(async (plan, story) => {
        const { broker, arm } = weak(plan);
        const issued = await broker.lease(rag, 'store', answer);
        arm();
        const isAnswered = await quiet(end(broker, issued.lease.id));
        await broker.settle();
        await broker.round();
        await broker.settle();
        const isEnded = !broker.works(issued);
        expect(isEnded || !isAnswered, story).toBe(true);
        const next = new Broker({ grant: () => ({ ...broker.grantPorts }) });
        await quiet(end(next, issued.lease.id));
        await broker.pass(60);
        expect(broker.works(issued), story).toBe(false);
        await assertSettled(broker, story);
      });
  });
});

describe('whatever call of people deciding fails or is the last one', () => {
  it('an approval counts once for whoever gave it', async () => {
    await withEveryFault(async (plan, story) => {
      const { broker, arm } = weak(plan);
      const { id } = await askFor(broker, finn);
      arm();
      await quiet(approveBy(broker, id, fred));
      const next = new Broker({ grant: () => ({ ...broker.grantPorts }) });
      await approveBy(next, id, fred);
      expect(
        (await approvalRow(broker, id))?.approvedBy.map(({ person }) => person),
        story,
      ).toEqual(['fred']);
    });
  });

  it('people are asked once for a request, or it is asked again', async () => {
    await withEveryFault(async (plan, story) => {
      const { broker, arm } = weak(plan);
      arm();
      const ask = { leasable: 'payroll', requestId: 'one', ttlSeconds: 600 };
      await quiet(broker.ask(finn, 'lease', ask));
      const next = new Broker({ grant: () => ({ ...broker.grantPorts }) });
      const { id } = await askFor(next, finn, ask);
      expect(
        broker.ledger.rows('approval').map(({ body }) => body.id),
        story,
      ).toEqual([id]);
      await broker.settle();
      expect(broker.pages, story).toHaveLength(1);
    });
  });
});

describe('a commit that comes back as a conflict with itself', () => {
  it('is known again: the lease that was written down is handed over', async () => {
    let isFirst = true;
    const broker = new Broker({
      grant: ({ ledger }) => ({
        ledger: {
          ...ledger,
          commit: async (writes, events) => {
            await ledger.commit(writes, events);
            if (!isFirst) return;
            isFirst = false;
            throw new LockstepError('LEDGER_CONFLICT', 'the row is there already');
          },
        },
      }),
    });
    const issued = await broker.lease(rag, 'store', answer);
    expect(broker.ledger.rows('lease')).toHaveLength(1);
    expect(broker.works(issued)).toBe(true);
    broker.judge.assertClean();
  });
});
