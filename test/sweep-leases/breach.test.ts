import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { Broker } from '../grant-lease/a-broker.ts';
import { CALLERS } from '../grant-lease/an-inventory.ts';

let broker: Broker;
beforeEach(() => {
  broker = new Broker({ capabilities: { expiresAtTarget: false } });
});
afterEach(() => broker.judge.assertClean());

const { indexer, finn, fred, faye, rag } = CALLERS;
const unavailable = new LockstepError('AUDIT_UNAVAILABLE', 'as the test says');
const breached = { type: 'credential.breached' } as const;
const detail = { credential: 'vector-store', by: 'operator/alice', reason: 'a leak' };

/** A lease of something that stands for no credential. */
async function another(): Promise<Awaited<ReturnType<Broker['lease']>>> {
  const ask = { leasable: 'payroll', requestId: 'r', purpose: 'repair' };
  const answer = await broker.ask(finn, 'lease', ask);
  if (answer.status !== 'approval-needed') throw new Error(answer.status);
  for (const person of [fred, faye])
    await broker.ask(person, 'approve', { approval: answer.approval, reason: 'seen' });
  return broker.lease(finn, 'payroll', { ...ask, approval: answer.approval });
}

describe('a credential that leaked', () => {
  it('takes the leases of whatever stands for it along, and no others', async () => {
    const ours = [
      await broker.lease(indexer, 'store', { ttlSeconds: 1800 }),
      await broker.lease(rag, 'store', { ttlSeconds: 1800, purpose: 'answer' }),
    ];
    const theirs = await another();
    await broker.sweep({ ...breached, detail });
    await broker.settle();
    for (const issued of ours) {
      expect(broker.works(issued)).toBe(false);
      expect(await broker.row(issued.lease.id)).toMatchObject({
        phase: 'ended',
        end: { why: 'breach', by: 'operator/alice' },
      });
    }
    expect(broker.works(theirs)).toBe(true);
    expect(
      broker.audit.entries('store').filter(({ why }) => why.cause === 'breach' && why.reason === 'breach'),
    ).not.toEqual([]);
  });

  it('ends them where the audit cannot be written, and closes the book when it can be', async () => {
    let isDown = true;
    broker = new Broker({
      capabilities: { expiresAtTarget: false },
      sweep: ({ audit }) => ({
        audit: { append: (entry) => (isDown ? Promise.reject(unavailable) : audit.append(entry)) },
      }),
    });
    const issued = await broker.lease(indexer, 'store', { ttlSeconds: 1800 });
    await broker.sweep({ ...breached, detail });
    await broker.settle();
    expect(broker.works(issued)).toBe(false);
    expect(await broker.row(issued.lease.id)).toMatchObject({ phase: 'ending' });
    isDown = false;
    await broker.pass(180);
    expect(await broker.row(issued.lease.id)).toMatchObject({ phase: 'ended' });
  });

  it('means nothing to leases of a workspace in which nothing stands for it', async () => {
    const issued = await broker.lease(indexer, 'store', { ttlSeconds: 1800 });
    await broker.sweep({ ...breached, detail: { ...detail, credential: 'another' } });
    await broker.settle();
    expect(broker.works(issued)).toBe(true);
    expect(broker.ledger.rows('lease-order')).toEqual([]);
  });
});
