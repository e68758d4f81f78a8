import { afterAll, beforeAll } from 'vitest';
import { postgresLeaseCapabilities } from '../../../lambdas/leasers/postgres/capabilities.ts';
import { describeLeaserContract } from '../../leasers/leaser-contract.ts';
import { postgresLeaseBed, type PostgresLeaseBed } from './lease-bed.ts';

let bed: PostgresLeaseBed | undefined;
beforeAll(async () => {
  bed = await postgresLeaseBed();
}, 120_000);
afterAll(() => bed?.stop());

describeLeaserContract({
  name: 'a role of PostgreSQL',
  capabilities: postgresLeaseCapabilities,
  traits: ['sessions', 'authority', 'written', 'fresh-values'],
  shortSeconds: 2,
  make: async () => {
    if (!bed) throw new TypeError('there is no server');
    return bed.under();
  },
});
