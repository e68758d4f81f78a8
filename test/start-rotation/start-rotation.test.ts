import { beforeEach, describe, expect, it } from 'vitest';
import type { Inventory } from '../../lambdas/core/credential.ts';
import { create } from '../../lambdas/core/ports/ledger.ts';
import type { Rotation } from '../../lambdas/core/rotation/rotation.ts';
import { startRotation } from '../../lambdas/start-rotation/start-rotation.ts';
import { aRotation } from '../core/rotation/a-rotation.ts';
import { anEvent } from '../fakes/an-event.ts';
import { countedIds } from '../fakes/counted-ids.ts';
import { CountingMetrics } from '../fakes/counting-metrics.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { MemoryAudit } from '../fakes/memory-audit.ts';
import { MemoryLedger } from '../fakes/memory-ledger.ts';
import { MemoryVault } from '../fakes/memory-vault.ts';
import { codeOf } from '../ports/under-test.ts';

const inventory: Inventory = {
  environment: 'test',
  digest: '0',
  workloads: [],
  freezes: [],
  credentials: [],
};
const TOKEN = '00000000-0000-4000-8000-000000000001';

let clock: FakeClock;
let ledger: MemoryLedger;
let audit: MemoryAudit;
let vault: MemoryVault;
let started: string[];

beforeEach(() => {
  clock = new FakeClock();
  ledger = new MemoryLedger();
  audit = new MemoryAudit();
  started = [];
  vault = new MemoryVault({ startRotation: async (_arn, { token }) => void started.push(token) });
  vault.createSecret('lockstep/test/store');
});

const ports = () => ({
  inventory,
  ledger,
  audit: audit.appender,
  vault,
  bus: { publish: async () => expect.fail('nothing is pending elsewhere') },
  metrics: new CountingMetrics(),
  clock: clock.now,
  newId: countedIds(),
  sleep: (milliseconds: number) => clock.sleep(milliseconds),
  functionName: 'start-rotation',
  vaultWritesPerSecond: 35,
});

async function start(facts: Partial<Rotation>): Promise<void> {
  const rotation = aRotation(facts.phase ?? 'requested', { token: TOKEN, ...facts });
  await ledger.commit([create('rotation', 'store', TOKEN, rotation)]);
  await startRotation(ports(), anEvent(1, 'rotation.requested', { credential: 'store', rotation: TOKEN }));
}

/** Everything that may be written is taken, for that long. */
async function useUpTheBudget(milliseconds: number): Promise<void> {
  const until = new Date(clock.now().getTime() + milliseconds).toISOString();
  await ledger.commit([create('budget', 'vault', 'writes', { ordinaryFrom: until, wholeFrom: until })]);
}

const takenMs = (): number =>
  Date.parse(ledger.rows('budget')[0]?.body.ordinaryFrom ?? '') - clock.now().getTime();

describe('starting a rotation', () => {
  it('takes both of its writes before it begins, and one where the value has been put already', async () => {
    await start({ phase: 'requested' });
    const both = takenMs();
    expect(started).toEqual([TOKEN]);

    ledger = new MemoryLedger();
    await start({ phase: 'failed', reached: 'issued' });
    expect(Math.round(both / takenMs())).toBe(2);
  });

  it('is put off where the budget is used up: nothing is begun, and nothing intended', async () => {
    await useUpTheBudget(3000);
    expect(await codeOf(start({ phase: 'requested' }))).toBe('NOT_YET');
    expect(started).toEqual([]);
    expect(audit.entries('store')).toEqual([]);
  });

  it('takes nothing for a rotation that has its steps behind it', async () => {
    await start({ phase: 'adopting' });
    expect(ledger.rows('budget')).toEqual([]);
    expect(started).toEqual([]);
  });

  it('goes on in breach mode, two seconds later at most', async () => {
    await useUpTheBudget(9000);
    const starting = start({ phase: 'requested', cause: 'breach' });
    await clock.advance(2);
    await starting;
    expect(started).toEqual([TOKEN]);
  });
});
