import { beforeEach, describe, expect, it } from 'vitest';
import { NO_ACCESS, type AccessInventory } from '../../lambdas/core/access/access-inventory.ts';
import { create } from '../../lambdas/core/ports/ledger.ts';
import { NO_CREDENTIAL, type Finding } from '../../lambdas/core/watch/finding.ts';
import { listFindings } from '../../lambdas/report/list-findings.ts';
import type { ReportPorts } from '../../lambdas/report/report-ports.ts';
import { MemoryLedger } from '../fakes/memory-ledger.ts';

const named = (name: string) => ({ name }) as never;
const access: AccessInventory = {
  ...NO_ACCESS,
  leasables: [named('vector-reader')],
  leaseAuthorities: [named('rag-db-leases')],
};
const inventory = {
  environment: 'local',
  digest: '0'.repeat(64),
  workloads: [],
  freezes: [],
  credentials: [named('vector-store')],
  access,
};

let ledger: MemoryLedger;
const asked = (credential?: string) =>
  listFindings({ inventory, ledger } as unknown as ReportPorts, credential);
const ids = async (credential?: string) => (await asked(credential)).findings.map(({ id }) => id);

describe('findings', () => {
  beforeEach(async () => {
    ledger = new MemoryLedger();
    const about = ['vector-store', 'vector-reader', 'rag-db-leases', NO_CREDENTIAL];
    for (const [minute, name] of about.entries())
      await ledger.commit([
        create('finding', name, 'one', {
          id: `of ${name}`,
          at: `2026-11-28T10:0${minute}:00.000Z`,
        } as Finding),
      ]);
  });

  it('of everything are those of credentials, of what can be leased and by what, and of nothing in particular', async () => {
    expect(await ids()).toEqual(['of *', 'of rag-db-leases', 'of vector-reader', 'of vector-store']);
  });

  it.each(['vector-store', 'vector-reader', 'rag-db-leases'])('of %s are its own', async (name) => {
    expect(await ids(name)).toEqual([`of ${name}`]);
  });

  it('of what nothing declares are none, and that is said', async () => {
    await expect(asked('nobody')).rejects.toMatchObject({ code: 'UNKNOWN_CREDENTIAL' });
  });
});
