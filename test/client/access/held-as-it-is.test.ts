import { expect, it } from 'vitest';
import { HeldLease, type Holding } from '../../../client/access/held-lease.ts';
import type { LeaseNews } from '../../../client/access/lease-order.ts';
import { countedIds } from '../../fakes/counted-ids.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { MemoryBroker } from '../../fakes/memory-broker.ts';

const OWNER = {
  defaultSeconds: 900,
  maximumSeconds: 900,
  longestSeconds: 1200,
  egress: [],
  value: (lease: string) => ({ password: `the password of ${lease}` }),
  purposes: ['mend'],
};

/** What is asked of the broker, and told, in an hour of one lease whose longest is twenty minutes. */
async function anHour(holding: Holding, approvals?: number) {
  const clock = new FakeClock();
  const owner = approvals === undefined ? OWNER : { ...OWNER, approvals };
  const broker = new MemoryBroker(clock.now, { owner });
  const news: LeaseNews[] = [];
  const ports = {
    access: broker.connect('agent:research'),
    clock: clock.now,
    elapsed: clock.elapsed,
    pause: clock.sleep,
    newId: countedIds(),
    tell: (each: LeaseNews) => void news.push(each),
  };
  const order = { leasable: 'owner' };
  let held = await HeldLease.take(order, ports, undefined, holding);
  if (!(held instanceof HeldLease)) {
    broker.decide(held.approval, 'approved');
    held = await HeldLease.take(order, ports, held, holding);
  }
  if (!(held instanceof HeldLease)) throw new TypeError('it was approved');
  const asked = broker.asked.length;
  for (let minute = 0; minute < 60; minute += 1) await clock.advance(60);
  await held.release();
  return { asks: broker.asked.slice(asked).map(({ ask }) => ask), told: news.map(({ what }) => what) };
}

it('is renewed for as long as it can be, and no other is asked for', async () => {
  const { asks, told } = await anHour('as-it-is');
  expect(asks).toEqual(['renew']);
  expect(told).toEqual(['issued', 'renewed', 'refused']);
  expect((await anHour('for-uses')).asks).toContain('lease');
});

it('asks nobody to approve another one', async () => {
  expect((await anHour('as-it-is', 1)).asks).not.toContain('lease');
});

it('tells once what waits for people, however often it is asked for', async () => {
  const { asks, told } = await anHour('for-uses', 1);
  expect(asks.filter((ask) => ask === 'lease').length).toBeGreaterThan(10);
  expect(told.filter((what) => what === 'waiting')).toHaveLength(1);
});
