import { afterAll, beforeAll, vi } from 'vitest';
import type { Secret } from '../../../lambdas/core/secret.ts';
import { mysqlLeaseCapabilities } from '../../../lambdas/leasers/mysql/capabilities.ts';
import { describeLeaserContract } from '../leaser-contract.ts';
import { describeMysqlLeases } from './describe-leases.ts';
import { mysqlDouble, type MysqlDouble } from './mysql-double.ts';
import { mysqlSubject, prepared, type MysqlServer } from './subject.ts';

// Sessions that stand still are ended by the server after seconds.
vi.setConfig({ testTimeout: 60_000 });

let double: MysqlDouble | undefined;
let bed: { readonly server: MysqlServer; readonly value: Secret } | undefined;
beforeAll(async () => {
  const { port, admin, written } = (double = await mysqlDouble());
  const server = { port, admin: async (sql: string) => admin(sql), written: async () => written() };
  bed = { server, value: await prepared(server) };
});
afterAll(() => double?.close());

const theBed = () => {
  if (bed) return bed;
  throw new TypeError('there is no server');
};

describeLeaserContract({
  name: 'a user of MySQL, on the double of MySQL,',
  capabilities: mysqlLeaseCapabilities,
  traits: ['sessions', 'authority', 'written', 'fresh-values'],
  shortSeconds: 1,
  make: async () => mysqlSubject(theBed().server, theBed().value),
});

describeMysqlLeases('the double of MySQL', theBed);
