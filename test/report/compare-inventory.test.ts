import { describe, expect, it } from 'vitest';
import { NO_ACCESS } from '../../lambdas/core/access/access-inventory.ts';
import { compareInventory } from '../../lambdas/report/compare-inventory.ts';
import type { ReportPorts } from '../../lambdas/report/report-ports.ts';

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
  access: { ...NO_ACCESS, leaseAuthorities: [authority] },
};

describe('secrets that nothing declares', () => {
  it('are told apart from those of lease authorities and the heartbeat', async () => {
    const names = ['rag-db-leases', 'heartbeat', 'left-over'].map((name) => `lockstep/local/${name}`);
    // Nothing else is asked for where no credential is declared.
    const ports = { inventory, catalog: { list: async () => names } } as unknown as ReportPorts;
    expect((await compareInventory(ports)).undeclared).toEqual(['lockstep/local/left-over']);
  });
});
