/** What does it cost to revoke everything at once, and does it cost more memory the more there is? */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SqliteLedger } from '../embedded/ledger/sqlite-ledger.ts';
import { NO_ACCESS, type Leasable, type Tier } from '../lambdas/core/access/access-inventory.ts';
import { duePlace, indexPlaces, leasablePartition, point } from '../lambdas/core/access/lease-pointers.ts';
import type { Lease } from '../lambdas/core/access/lease.ts';
import type { AuditEntry } from '../lambdas/core/audit/record.ts';
import type { LeaseCommand, LeaseFunctions } from '../lambdas/core/ports/lease-functions.ts';
import { create } from '../lambdas/core/ports/ledger.ts';
import { instant, secondsAfter } from '../lambdas/core/time.ts';
import { sweepLeases } from '../lambdas/sweep-leases/sweep-leases.ts';
import type { SweepPorts } from '../lambdas/sweep-leases/sweep-ports.ts';
import type { Table } from './results.ts';

/** How many are live when everything is revoked. */
const SIZES = (process.env['LOCKSTEP_BENCH_STORM'] ?? '1000,10000,100000').split(',').map(Number);
const TIERS = [2, 0, 1] as const;
const MIB = 2 ** 20;

/** Revokes everything, by an order as the broker writes it, and sweeps until nothing is left. */
export async function leaseStorm(progress: (what: string) => void): Promise<Table> {
  const rows: (readonly string[])[] = [];
  for (const size of SIZES) {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-bench-'));
    try {
      rows.push(await storm(join(folder, 'ledger.db'), size, progress));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return {
    title: 'Revoking every lease there is, at one target',
    head: [
      'live leases',
      'rounds',
      'seconds',
      'leases/s',
      'out of order',
      'calls at the target a lease',
      'heap above the start, MiB',
    ],
    rows,
    notes: [
      'The sweeper over the ledger of the embedded world, on disk, and a target that answers at once: what is measured is what it costs to know what has to be ended, and to have it ended once.',
      'Out of order: ends of a lease behind those of a less dangerous one. Of ten that are ended together the target sees any order.',
      'To reach: heap that does not grow with the number of leases.',
    ],
  };
}

const leasable = (tier: Tier): Leasable => ({
  name: `store-${tier}`,
  kind: 'bench',
  owner: 'bench',
  tier,
  ttl: { defaultSeconds: 3600, maximumSeconds: 3600, longestSeconds: 3600 },
  limits: { perPrincipal: 1_000_000, total: 1_000_000, perMinute: 1_000_000 },
  purposes: ['bench'],
  egress: [],
  target: {},
});

const INVENTORY: SweepPorts['inventory'] = {
  environment: 'bench',
  digest: 'bench',
  workloads: [],
  freezes: [],
  credentials: [],
  access: { ...NO_ACCESS, leasables: TIERS.map(leasable) },
};

/** A target that ends whatever it is told to, and remembers in which order. */
class BenchTarget implements LeaseFunctions {
  calls = 0;
  outOfOrder = 0;
  #last = 0;

  call: LeaseFunctions['call'] = async (_kind, given) => {
    this.calls += 1;
    const command = given as unknown as LeaseCommand;
    if (command.do === 'list-ours') return { leases: [], others: [] } as never;
    if (command.do !== 'end') return { refused: 'accepted' } as never;
    const tier = Number(command.leasable.slice(-1));
    if (tier < this.#last) this.outOfOrder += 1;
    this.#last = tier;
    return { refused: 'refused' } as never;
  };
}

async function storm(
  path: string,
  size: number,
  progress: (what: string) => void,
): Promise<readonly string[]> {
  const clock = (): Date => new Date();
  const ledger = new SqliteLedger({ path, clock });
  const target = new BenchTarget();
  const silent = { count: () => undefined, gauge: () => undefined, observe: () => undefined };
  const sweep = sweepLeases({
    inventory: INVENTORY,
    ledger,
    leases: target,
    metrics: silent,
    clock,
    newId: () => randomUUID(),
    audit: { append: async (entry: AuditEntry) => ({ entry, sequence: 1, previous: '', hash: '' }) },
    capabilitiesOf: () => ({ expiresAtTarget: true, renewable: true, revocable: true, listsOurs: true }),
    functionName: 'sweep-leases',
  });
  try {
    progress(`${size} leases are made`);
    await fill(ledger, size);
    await order(ledger);
    return await measured(size, ledger, target, () => sweep(aRound()), progress);
  } finally {
    ledger.close();
  }
}

const aRound = () =>
  ({
    type: 'leases.due',
    id: randomUUID(),
    at: instant(new Date()),
    environment: 'bench',
    detail: {},
  }) as const;

/** Goes on as long as a round asks for the next one. */
async function measured(
  size: number,
  ledger: SqliteLedger,
  target: BenchTarget,
  round: () => Promise<void>,
  progress: (what: string) => void,
): Promise<readonly string[]> {
  const startedAt = performance.now();
  const before = heap();
  let [rounds, peak] = [0, 0];
  for (let isLeft = true; isLeft; rounds += 1) {
    progress(`${size} leases are revoked: round ${rounds}`);
    await round();
    const asked = await ledger.pending(100);
    await ledger.markPublished(asked.map(({ id }) => id));
    isLeft = asked.length > 0;
    if (rounds % 20 === 0) peak = Math.max(peak, heap() - before);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const left = await ledger.page('lease-ending', 'bench', { limit: 1 });
  if (left.length > 0) throw new Error('the sweeper has stopped before everything was ended');
  return [
    String(size),
    String(rounds),
    seconds.toFixed(1),
    (size / seconds).toFixed(0),
    String(target.outOfOrder),
    (target.calls / size).toFixed(2),
    (peak / MIB).toFixed(1),
  ];
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What is held, not what has not been collected yet. */
function heap(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

/** Live leases of all tiers, none of them in order; five rows each, as the broker writes them. */
async function fill(ledger: SqliteLedger, size: number): Promise<void> {
  for (let at = 0; at < size; at += 20) {
    const leases = Array.from({ length: Math.min(20, size - at) }, (_, each) => leaseOf(at + each));
    await ledger.commit(
      leases.flatMap((lease) => [
        create('lease', lease.id, 'lease', lease),
        ...[duePlace(lease), ...indexPlaces(lease)].map((place) => point(place, lease.id)),
      ]),
    );
  }
}

function leaseOf(number: number): Lease {
  const tier = TIERS[number % TIERS.length] ?? 0;
  const at = instant(new Date());
  const until = secondsAfter(at, 3600);
  return {
    id: `0123456789abcdefg${String(number).padStart(9, '0')}`,
    leasable: `store-${tier}`,
    kind: 'bench',
    tier,
    target: 'bench',
    phase: 'live',
    holder: `workload:bench-${number % 50}`,
    principal: 'bench',
    purpose: 'bench',
    requestId: String(number),
    gates: [],
    policies: ['bench'],
    key: `bench_${number}`,
    issuedAt: at,
    dueAt: until,
    expiresAt: until,
    longestUntil: until,
    renewals: 0,
    failedEnds: 0,
    fence: 1,
  };
}

const order = (ledger: SqliteLedger): Promise<void> =>
  ledger.commit([
    create('lease-order', 'open', 'bench', {
      why: 'revoked',
      by: 'person:bench',
      reason: 'a storm',
      at: instant(new Date()),
      partitions: [0, 1, 2].map((tier) => leasablePartition(`store-${tier}`)),
      ended: 0,
    }),
  ]);
