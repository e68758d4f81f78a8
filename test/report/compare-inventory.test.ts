import { describe, expect, it } from 'vitest';
import { NO_ACCESS } from '../../lambdas/core/access/access-inventory.ts';
import { compareInventory } from '../../lambdas/report/compare-inventory.ts';
import type { ReportPorts } from '../../lambdas/report/report-ports.ts';
import { leasableOf } from '../leasers/a-leasable.ts';

const authority = {
  name: 'rag-db-leases',
  kind: 'postgres',
  owner: 'data-platform',
  adopters: [],
  supplyEverySeconds: 86_400,
  target: {},
};
const inventory = {
  environment: 'local',
  digest: '0'.repeat(64),
  workloads: [],
  freezes: [],
  credentials: [],
  access: {
    ...NO_ACCESS,
    leaseAuthorities: [authority],
    leasables: [
      leasableOf(
        'postgres',
        {},
        { name: 'reader', tier: 2, authority: authority.name, standsFor: 'vector-store' },
      ),
    ],
  },
};

describe('secrets that nothing declares', () => {
  it('are told apart from those of lease authorities and the heartbeat', async () => {
    const names = ['rag-db-leases', 'heartbeat', 'left-over'].map((name) => `lockstep/local/${name}`);
    expect((await compareInventory(portsWith(names))).undeclared).toEqual(['lockstep/local/left-over']);
  });
});

describe('what leases are made by, and what can be leased', () => {
  it('are listed, with whether there is a value, and no value', async () => {
    const report = await compareInventory(portsWith(['lockstep/local/rag-db-leases']));
    expect(report.leaseAuthorities).toMatchObject([
      { name: 'rag-db-leases', kind: 'postgres', owner: 'data-platform', supplied: true },
    ]);
    expect(report.leasables).toEqual([
      {
        name: 'reader',
        kind: 'postgres',
        owner: 'retrieval-team',
        tier: 2,
        authority: 'rag-db-leases',
        standsFor: 'vector-store',
      },
    ]);
  });

  it('are absent where there are none', async () => {
    const { access: _none, ...without } = inventory;
    const report = await compareInventory({ ...portsWith([]), inventory: without });
    expect([report.leaseAuthorities, report.leasables]).toEqual([undefined, undefined]);
  });
});

/** Nothing else is asked for where no credential is declared. */
const portsWith = (names: readonly string[]): ReportPorts =>
  ({
    inventory,
    catalog: { list: async () => names },
    vault: {
      listVersions: async () => [
        { version: '1', labels: ['AWSCURRENT'], createdAt: '2026-01-01T00:00:00.000Z' },
      ],
    },
    clock: () => new Date('2026-01-02T00:00:00.000Z'),
  }) as unknown as ReportPorts;
