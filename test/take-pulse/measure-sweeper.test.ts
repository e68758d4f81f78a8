import { beforeEach, describe, expect, it } from 'vitest';
import { create, replace } from '../../lambdas/core/ports/ledger.ts';
import { measureSweeper } from '../../lambdas/take-pulse/measure-sweeper.ts';
import { CountingMetrics } from '../fakes/counting-metrics.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { MemoryLedger } from '../fakes/memory-ledger.ts';
import { Broker } from '../grant-lease/a-broker.ts';
import { INVENTORY } from '../grant-lease/an-inventory.ts';

let [ledger, metrics, clock] = [new MemoryLedger(), new CountingMetrics(), new FakeClock()];
beforeEach(() => {
  [ledger, metrics, clock] = [new MemoryLedger(), new CountingMetrics(), new FakeClock()];
});

/** How old the pulse says that the sweeper's last minute is. */
async function age(inventory = INVENTORY): Promise<number | undefined> {
  await measureSweeper({ inventory, ledger, metrics, clock: clock.now });
  return metrics.last('lockstep_lease_sweep_age_seconds');
}

describe('how late the sweeper is', () => {
  it('is measured by the minute that it came to, not by its having run', async () => {
    await ledger.commit([create('lease-swept', 'all', 'minute', { minute: '2025-12-31T23:50' })]);
    expect(await age()).toBe(600);
    const row = await ledger.read('lease-swept', 'all', 'minute');
    if (row) await ledger.commit([replace(row, { minute: '2026-01-01T00:00' })]);
    expect(await age()).toBe(0);
  });

  it('is a day where it has never been round: nothing is no number, and an alarm needs one', async () => {
    expect(await age()).toBe(86_400);
  });

  it('is not negative after a clock was set back', async () => {
    await ledger.commit([create('lease-swept', 'all', 'minute', { minute: '2026-01-01T02:00' })]);
    expect(await age()).toBe(0);
  });

  it('is nothing where nothing can be leased', async () => {
    const { access: _none, ...inventory } = INVENTORY;
    expect(await age(inventory)).toBeUndefined();
  });

  it('stays small as long as a round comes every minute, and grows when none does', async () => {
    const broker = new Broker();
    const late = async (): Promise<number | undefined> => {
      const { ledger: books, clock: time } = broker;
      await measureSweeper({ inventory: INVENTORY, ledger: books, metrics, clock: time.now });
      return metrics.last('lockstep_lease_sweep_age_seconds');
    };
    await broker.pass(600);
    expect(await late()).toBeLessThan(60);
    await broker.pass(600, { rounds: false });
    expect(await late()).toBeGreaterThanOrEqual(600);
  });
});
