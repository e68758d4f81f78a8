import { beforeEach, describe, expect, it } from 'vitest';
import type { Credential, Inventory } from '../../lambdas/core/credential.ts';
import type { Cause } from '../../lambdas/core/events.ts';
import { create } from '../../lambdas/core/ports/ledger.ts';
import { requestRotation } from '../../lambdas/request-rotation/request-rotation.ts';
import { anEvent } from '../fakes/an-event.ts';
import { countedIds } from '../fakes/counted-ids.ts';
import { CountingMetrics } from '../fakes/counting-metrics.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { MemoryAudit } from '../fakes/memory-audit.ts';
import { MemoryLedger } from '../fakes/memory-ledger.ts';

const DAY = 86_400;
const NAME = 'vector-store';

const credential: Credential = {
  name: NAME,
  kind: 'postgres',
  family: 'postgres',
  strategy: 'two-slot',
  owner: 'retrieval-team',
  authority: 'rag-db-admin',
  rotateEverySeconds: 7 * DAY,
  boundTo: [],
  adopters: [],
  dependents: [],
  retire: { drainSeconds: 3600, soakSeconds: 3600, deadlineSeconds: 3600, onDeadline: 'hold-and-page' },
  target: {},
};
const inventory: Inventory = {
  environment: 'test',
  digest: '0',
  workloads: [],
  freezes: [],
  credentials: [credential],
};

let clock: FakeClock;
let ledger: MemoryLedger;
let audit: MemoryAudit;

beforeEach(() => {
  clock = new FakeClock();
  ledger = new MemoryLedger();
  audit = new MemoryAudit();
});

const ports = () => ({
  inventory,
  ledger,
  audit: audit.appender,
  metrics: new CountingMetrics(),
  clock: clock.now,
  newId: countedIds(),
});

/** A credential that became current some days ago. */
async function currentFor(days: number): Promise<void> {
  const since = new Date(clock.now().getTime() - days * DAY * 1000).toISOString();
  await ledger.commit([
    create('credential', NAME, 'state', { fence: 0, adoptedAt: since, currentSince: since, current: 'v1' }),
  ]);
}

const due = (cause: Cause, requestId = 'tick 1') =>
  requestRotation(ports(), anEvent(1, 'rotation.due', { credential: NAME, cause, requestId }));

describe('a tick of the cadence', () => {
  it('begins a rotation of a credential that is old enough', async () => {
    await currentFor(6.9);
    expect(await due('cadence')).toMatchObject({ admitted: true });
  });

  it('means nothing to a younger one: no rotation, no refusal, no record', async () => {
    await currentFor(3);
    expect(await due('cadence')).toBeUndefined();
    expect(await ledger.list('rotation', NAME)).toEqual([]);
    expect(await ledger.list('refusal', NAME)).toEqual([]);
    expect(await audit.tails()).toEqual([]);
  });

  it('that comes twice begins one rotation', async () => {
    await currentFor(8);
    await due('cadence');
    await due('cadence');
    expect(await ledger.list('rotation', NAME)).toHaveLength(1);
  });

  it('is refused on the record where nobody has adopted the credential', async () => {
    expect(await due('cadence')).toMatchObject({ admitted: false, code: 'NOT_ADOPTED' });
  });
});

describe('any other cause', () => {
  it.each(['operator', 'leak', 'deploy'] as const)(
    '%s does not ask how old the credential is',
    async (cause) => {
      await currentFor(0.01);
      expect(await due(cause)).toMatchObject({ admitted: true });
    },
  );
});
