import { expect, it } from 'vitest';
import type { ReportPorts } from '../../lambdas/report/report-ports.ts';
import { showHistory } from '../../lambdas/report/show-history.ts';
import { ACCESS, INVENTORY } from '../grant-lease/an-inventory.ts';
import { MemoryLedger } from '../fakes/memory-ledger.ts';

const [store, ...others] = ACCESS.leasables.map(({ name }) => name);

/** As far as a history looks: nothing was written of anything but the first thing that can be leased. */
const ports = {
  inventory: INVENTORY,
  ledger: new MemoryLedger(),
  chains: { tails: async () => [{ chain: store, sequence: 0 }], read: async () => [] },
} as unknown as ReportPorts;

it('knows what can be leased also where nothing happened to it yet, each name once', async () => {
  const { chains } = await showHistory(ports, 'operations');
  expect(others).not.toEqual([]);
  expect(chains).toEqual([store, ...others]);
});
