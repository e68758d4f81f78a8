/** What does a lease of PostgreSQL cost at the target, beside the plainest script that makes the same role? */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { BOOTSTRAP_ROLE, readBootstrapSecret } from '../embedded/postgres/bootstrap-secret.ts';
import { startServer, type RunningServer } from '../embedded/postgres/start-server.ts';
import { stopServer } from '../embedded/postgres/stop-server.ts';
import type { LeaseAuthority, Leasable } from '../lambdas/core/access/access-inventory.ts';
import { newLeaseId } from '../lambdas/core/access/lease-id.ts';
import { deploymentMark } from '../lambdas/core/deployment-mark.ts';
import type { Leaser, LeaserRequest } from '../lambdas/core/ports/leaser.ts';
import { instant, secondsAfter } from '../lambdas/core/time.ts';
import { postgresLeaser } from '../lambdas/leasers/postgres/leaser.ts';
import { postgresLeaseSupply } from '../lambdas/leasers/postgres/supply.ts';
import { readLoginValue } from '../lambdas/postgres/login-value.ts';
import { newPassword } from '../lambdas/servers/new-password.ts';
import { openLeaseBroker } from './lease-broker.ts';
import { plainLease } from './plain-lease.ts';
import type { Table } from './results.ts';

const LEASES = Number(process.env['LOCKSTEP_BENCH_LEASES'] ?? 400);
/** How many are asked for at once where leases a second are measured. */
const AT_ONCE = 8;
const OWNER = 'bench_owner';
const MARK = deploymentMark('bench');

const bytes = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const newId = (): string => newLeaseId(MARK, bytes);

/** Issues leases by both in turn, so that both see the same server at the same time. */
export async function postgresLeases(progress: (what: string) => void): Promise<Table> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-bench-'));
  const server = await startServer({ folder: join(folder, 'postgres'), lifetime: 'with-parent' });
  try {
    const bed = await openBed(server, folder);
    try {
      progress('leases, warming up');
      await inTurn(bed, 10);
      progress(`${LEASES} leases, one after the other`);
      const times = await inTurn(bed, LEASES);
      progress(`${LEASES} leases, ${AT_ONCE} at once`);
      const rates = await sideBySide(bed, times.ids);
      return tableOf(times, rates);
    } finally {
      bed.close();
    }
  } finally {
    await stopServer(join(folder, 'postgres'));
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Bed {
  readonly ours: (leaseId: string) => Promise<void>;
  readonly end: (leaseId: string) => Promise<void>;
  readonly plain: () => Promise<void>;
  /** The leaser with all that is before and behind it: policy, limits, ledger, timer and audit. */
  readonly broker: () => Promise<void>;
  readonly close: () => void;
}

async function openBed(server: RunningServer, folder: string): Promise<Bed> {
  const declared = authorityAt(server);
  const authority = { declared, value: await prepare(server, declared) };
  const leaser: Leaser = postgresLeaser({ randomBytes: bytes, clock: () => new Date(), sleep });
  const request = (leaseId: string, fence: number): LeaserRequest => ({
    environment: 'bench',
    mark: MARK,
    leasable: LEASABLE,
    authority,
    leaseId,
    fence,
  });
  const holder = { holder: 'workload:bench', purpose: 'bench' };
  const { host, port, username, password, dbname } = readLoginValue(authority.value);
  const login = { host, port, user: username, password: password.reveal(), database: dbname };
  const parts = { mark: MARK, leasable: LEASABLE, authority, leaser, randomBytes: bytes, sleep };
  const broker = await openLeaseBroker({ folder, ...parts });
  return {
    broker: broker.lease,
    close: broker.close,
    ours: async (leaseId) => void (await leaser.issue(request(leaseId, 1), holder, times())),
    end: (leaseId) => leaser.end(request(leaseId, 2)),
    plain: () => {
      const role = `plain_${newId()}`;
      const made = { password: newPassword(bytes), salt: bytes(16), expiresAt: times().expiresAt };
      return plainLease({
        login,
        role,
        ownerRole: OWNER,
        ...made,
        comment: JSON.stringify({ role, ...holder }),
      });
    },
  };
}

const times = () => {
  const now = instant(new Date());
  return { expiresAt: secondsAfter(now, 900), notAfter: secondsAfter(now, 60) };
};

const LEASABLE: Leasable = {
  name: 'store',
  kind: 'postgres',
  owner: 'bench',
  tier: 1,
  ttl: { defaultSeconds: 900, maximumSeconds: 900, longestSeconds: 900 },
  limits: { perPrincipal: 100_000, total: 100_000, perMinute: 100_000 },
  purposes: ['bench'],
  egress: [],
  authority: 'lease-admin',
  target: {
    database: 'bench',
    grants: [{ role: OWNER, inherit: true, set: false }],
    ownerRole: OWNER,
    connectionLimit: 5,
  },
};

const authorityAt = ({ host, port }: RunningServer): LeaseAuthority => ({
  name: 'lease-admin',
  kind: 'postgres',
  owner: 'bench',
  adopters: [],
  supplyEverySeconds: 86_400,
  target: { endpoint: { host, port }, role: 'bench_lease_admin', database: 'postgres', roles: [OWNER] },
});

/** As an administrator is told to prepare the server for leases. */
async function prepare(server: RunningServer, declared: LeaseAuthority) {
  const supply = postgresLeaseSupply;
  if (supply.how !== 'made-here') throw new TypeError('the password is made here');
  const password = (await readBootstrapSecret(server.files)).reveal();
  const { host, port } = server;
  const client = new Client({ host, port, user: BOOTSTRAP_ROLE, password, database: 'postgres' });
  await client.connect();
  const { value, statements } = await supply.make(declared, bytes);
  const before = [
    'CREATE DATABASE bench',
    `CREATE ROLE ${OWNER} NOLOGIN`,
    'CREATE ROLE bench_lease_admin NOLOGIN',
  ];
  for (const statement of [...before, ...supply.preparation(declared, [LEASABLE]), ...statements])
    await client.query(statement);
  await client.end();
  return value;
}

interface Times {
  readonly ids: readonly string[];
  readonly ours: readonly number[];
  readonly plain: readonly number[];
  readonly broker: readonly number[];
}

/** One by each in turn; which of them comes first alternates. */
async function inTurn(bed: Bed, count: number): Promise<Times> {
  const [ids, ours, plain, broker]: [string[], number[], number[], number[]] = [[], [], [], []];
  for (let lease = 0; lease < count; lease += 1) {
    const id = newId();
    ids.push(id);
    const measureOurs = async (): Promise<void> => void ours.push(await timeOf(() => bed.ours(id)));
    if (lease % 2 === 0) await measureOurs();
    plain.push(await timeOf(() => bed.plain()));
    if (lease % 2 === 1) await measureOurs();
    broker.push(await timeOf(() => bed.broker()));
  }
  return { ids, ours, plain, broker };
}

async function timeOf(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

interface Rates {
  readonly ours: number;
  readonly plain: number;
  readonly broker: number;
  readonly ends: number;
}

/** Rounds of each in turn, so that neither has the quieter half; then the leases of before are ended. */
async function sideBySide(bed: Bed, ids: readonly string[]): Promise<Rates> {
  const spent = { ours: 0, plain: 0, broker: 0 };
  const rounds = Math.ceil(LEASES / AT_ONCE);
  for (let round = 0; round < rounds; round += 1) {
    spent.ours += await timeOf(() => atOnce(() => bed.ours(newId())));
    spent.plain += await timeOf(() => atOnce(() => bed.plain()));
    spent.broker += await timeOf(() => atOnce(() => bed.broker()));
  }
  const made = rounds * AT_ONCE * 1000;
  const ending = [...ids];
  const ends = await timeOf(() =>
    atOnce(async () => {
      for (let id = ending.pop(); id !== undefined; id = ending.pop()) await bed.end(id);
    }),
  );
  return {
    ours: made / spent.ours,
    plain: made / spent.plain,
    broker: made / spent.broker,
    ends: (ids.length * 1000) / ends,
  };
}

const atOnce = async (work: () => Promise<void>): Promise<void> =>
  void (await Promise.all(Array.from({ length: AT_ONCE }, work)));

const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? 0;

function tableOf({ ours, plain, broker }: Times, rates: Rates): Table {
  const row = (name: string, all: readonly number[], rate: number): readonly string[] => [
    name,
    percentile(all, 0.5).toFixed(1),
    percentile(all, 0.99).toFixed(1),
    rate.toFixed(0),
  ];
  const ratio = (of: readonly number[], rate: number): readonly string[] => [
    (percentile(of, 0.5) / percentile(plain, 0.5)).toFixed(2),
    (percentile(of, 0.99) / percentile(plain, 0.99)).toFixed(2),
    (rates.plain / rate).toFixed(2),
  ];
  return {
    title: 'A lease of PostgreSQL at the target, beside the plainest script that makes the same role',
    head: ['', 'p50 ms', 'p99 ms', `leases/s, ${AT_ONCE} at once`],
    rows: [
      row('the leaser', ours, rates.ours),
      row('the script', plain, rates.plain),
      row('the whole way: broker, leaser, target', broker, rates.broker),
      ['the leaser ÷ the script', ...ratio(ours, rates.ours)],
      ['the whole way ÷ the script', ...ratio(broker, rates.broker)],
      ['ending, with sessions and leavings', '', '', rates.ends.toFixed(0)],
    ],
    notes: [
      'To reach: a ratio of at most 1.5. Both open a connection of their own for each lease, on one server, in turn.',
      'The script has no lock, no look at what is there, no clock and no memory of ends.',
      'The whole way: `grant-lease` in this process, with the policies of the example, its limits, and ledger, timer and audit of the embedded world on disk.',
    ],
  };
}
