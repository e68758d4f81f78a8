/** What does one rotation of a PostgreSQL credential cost, step by step? */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteAuditStore } from '../embedded/audit/sqlite-audit-store.ts';
import { SqliteLedger } from '../embedded/ledger/sqlite-ledger.ts';
import { provision } from '../embedded/postgres/provision.ts';
import { startServer, type RunningServer } from '../embedded/postgres/start-server.ts';
import { stopServer } from '../embedded/postgres/stop-server.ts';
import { RegistryMetrics } from '../embedded/metrics/registry-metrics.ts';
import { SampleWindows } from '../embedded/metrics/sample-windows.ts';
import { EmbeddedVault } from '../embedded/vault/open-vault.ts';
import { appendAudit } from '../lambdas/append-audit/append-audit.ts';
import { secretName, type Credential, type Inventory } from '../lambdas/core/credential.ts';
import { deploymentMark } from '../lambdas/core/deployment-mark.ts';
import { create } from '../lambdas/core/ports/ledger.ts';
import type { Vault } from '../lambdas/core/ports/vault.ts';
import { recordTransition } from '../lambdas/core/rotation/record-transition.ts';
import { STEPS } from '../lambdas/core/rotation/rotation.ts';
import { VAULT_WRITES_PER_SECOND } from '../lambdas/core/rotation/write-budget.ts';
import { Secret } from '../lambdas/core/secret.ts';
import { admitRotation } from '../lambdas/request-rotation/admit-rotation.ts';
import { postgresAuthorityRotator } from '../lambdas/rotators/postgres/postgres-authority-rotator.ts';
import { postgresRotator } from '../lambdas/rotators/postgres/postgres-rotator.ts';
import { serveTarget, type TargetService } from '../lambdas/serve-target/serve-target.ts';
import type { Table } from './results.ts';

const ROTATIONS = Number(process.env['LOCKSTEP_BENCH_ROTATIONS'] ?? 20);

/** Runs rotations one after the other through the target function's own code, and counts what it asks of others. */
export async function rotationSteps(progress: (what: string) => void): Promise<Table> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-bench-'));
  const server = await startServer({ folder: join(folder, 'postgres'), lifetime: 'with-parent' });
  try {
    const bench = await openBench(folder, server);
    const phases = new Map<string, Phase[]>();
    for (let rotation = 1; rotation <= ROTATIONS; rotation += 1) {
      progress(`rotation ${rotation} of ${ROTATIONS}`);
      for (const [name, phase] of await oneRotation(bench))
        phases.set(name, [...(phases.get(name) ?? []), phase]);
    }
    return tableOf(phases);
  } finally {
    await stopServer(join(folder, 'postgres'));
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Phase {
  readonly ms: number;
  readonly vaultCalls: number;
  readonly vaultWrites: number;
  readonly connections: number;
  readonly ledgerCalls: number;
  readonly auditEntries: number;
}

interface Counts {
  vaultCalls: number;
  vaultWrites: number;
  connections: number;
  ledgerCalls: number;
  auditEntries: number;
}

interface Bench {
  readonly inventory: Inventory;
  readonly service: TargetService;
  readonly vault: EmbeddedVault;
  readonly ledger: SqliteLedger;
  readonly admit: () => Promise<string>;
  readonly counts: Counts;
}

const clock = (): Date => new Date();
const bytes = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const openVault = (folder: string): EmbeddedVault =>
  new EmbeddedVault({
    path: join(folder, 'stores', 'vault.sqlite'),
    keyPath: join(folder, 'keys', 'vault.key'),
    account: '000000000000',
    region: 'local',
    clock,
    newId: randomUUID,
    randomBytes: bytes,
    authorise: () => true,
    defaultBus: async () => undefined,
    startRotation: async () => undefined,
  });

async function openBench(folder: string, server: RunningServer): Promise<Bench> {
  const inventory = inventoryFor(server);
  const counts: Counts = { vaultCalls: 0, vaultWrites: 0, connections: 0, ledgerCalls: 0, auditEntries: 0 };
  const vault = openVault(folder);
  const ledger = new SqliteLedger({ path: join(folder, 'stores', 'ledger.sqlite'), clock });
  const chains = new SqliteAuditStore(join(folder, 'stores', 'audit.sqlite'));
  const metrics = new RegistryMetrics({
    environment: 'bench',
    clock,
    windows: new SampleWindows([]),
    onMisfit: () => undefined,
  });
  const onConnection = (): void => void (counts.connections += 1);
  const rotatorPorts = { randomBytes: bytes, clock, sleep, onConnection };
  const rotators = {
    postgres: postgresRotator(rotatorPorts),
    'postgres-authority': postgresAuthorityRotator(rotatorPorts),
  };
  const audit = counted(
    appendAudit(chains, () => sleep(1)),
    () => (counts.auditEntries += 1),
  );
  const ports = {
    inventory,
    mark: deploymentMark('bench'),
    family: 'postgres',
    ledger: counted(ledger, () => (counts.ledgerCalls += 1)),
    vault: countedVault(vault.vaultFor('bench'), counts),
    audit,
    metrics,
    clock,
    newId: randomUUID,
    sleep,
    rotatorFor: (kind: string) => (kind === 'postgres' ? rotators.postgres : rotators['postgres-authority']),
    functionName: 'target-postgres',
    lockSeconds: 60,
    vaultWritesPerSecond: VAULT_WRITES_PER_SECOND,
  };
  const service = serveTarget(ports);
  const admit = async (): Promise<string> => {
    const wish = {
      credential: 'store',
      cause: 'operator' as const,
      requestedBy: 'bench',
      requestId: randomUUID(),
    };
    const answer = await admitRotation({ ...ports, ledger }, wish);
    if (!answer.admitted) throw new Error(answer.message);
    return answer.rotation.token;
  };
  await adopt(server, inventory, vault, ledger, service);
  return { inventory, service, vault, ledger, admit, counts };
}

async function adopt(
  server: RunningServer,
  inventory: Inventory,
  vault: EmbeddedVault,
  ledger: SqliteLedger,
  service: TargetService,
): Promise<void> {
  const password = Buffer.from(bytes(24)).toString('hex');
  for (const { name } of inventory.credentials) vault.createSecret(secretName('bench', name));
  const login = {
    engine: 'postgres',
    host: server.host,
    port: server.port,
    dbname: 'postgres',
    username: 'bench_admin',
    password,
  };
  await vault
    .vaultFor('bench')
    .putFirst(secretName('bench', 'admin'), randomUUID(), new Secret(JSON.stringify(login)));
  await provision(server, {
    authority: { role: 'bench_admin', firstPassword: new Secret(password) },
    databases: [{ database: 'bench', ownerRole: 'bench_owner', slots: ['bench_a', 'bench_b'] }],
  });
  const { version } = await service.command({ do: 'issue-first', credential: 'store', token: randomUUID() });
  const at = clock().toISOString();
  await ledger.commit([
    create('credential', 'store', 'state', { fence: 0, adoptedAt: at, current: version, currentSince: at }),
  ]);
}

async function oneRotation(bench: Bench): Promise<ReadonlyMap<string, Phase>> {
  const phases = new Map<string, Phase>();
  const { service, vault, ledger, counts } = bench;
  const measure = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    Object.assign(counts, { vaultCalls: 0, vaultWrites: 0, connections: 0, ledgerCalls: 0, auditEntries: 0 });
    const startedAt = performance.now();
    await work();
    phases.set(name, { ms: performance.now() - startedAt, ...counts });
  };
  const token = await bench.admit();
  const secretId = secretName('bench', 'store');
  const { arn } = await vault.driven.describe(secretId);
  await vault.driven.registerPending(arn, token, false);
  for (const step of STEPS) await measure(step, () => service.step({ step, secretId: arn, token }));
  const at = (): string => clock().toISOString();
  const move = (event: Parameters<typeof recordTransition>[3]): Promise<unknown> =>
    recordTransition(ledger, 'store', token, event);
  await move({ type: 'fanned-out', at: at() });
  await move({ type: 'adoption-completed', at: at() });
  await measure('observe', () => service.command({ do: 'observe', credential: 'store', rotation: token }));
  await measure('disable', () => service.command({ do: 'disable', credential: 'store', rotation: token }));
  await move({ type: 'disabled', at: at() });
  await measure('revoke and prove', () =>
    service.command({ do: 'revoke', credential: 'store', rotation: token }),
  );
  await move({ type: 'revoked', at: at(), refused: 'refused' });
  const state = await ledger.read('credential', 'store', 'state');
  if (state) {
    const { active: _ended, ...free } = state.body;
    await ledger.commit([{ ...state, expected: state.revision, body: free }]);
  }
  return phases;
}

/** Counts every call of an object's methods. */
function counted<T extends object>(target: T, count: () => unknown): T {
  return new Proxy(target, {
    get: (object, name) => {
      const value: unknown = Reflect.get(object, name, object);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        count();
        return Reflect.apply(value, object, args);
      };
    },
  });
}

const WRITES: readonly (keyof Vault)[] = ['putPending', 'putFirst', 'moveCurrent', 'removePending'];

function countedVault(vault: Vault, counts: Counts): Vault {
  return new Proxy(vault, {
    get: (object, name) => {
      const value: unknown = Reflect.get(object, name, object);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        counts.vaultCalls += 1;
        if (WRITES.some((write) => write === name)) counts.vaultWrites += 1;
        return Reflect.apply(value, object, args);
      };
    },
  });
}

function inventoryFor({ host, port }: RunningServer): Inventory {
  const common = {
    family: 'postgres',
    owner: 'bench',
    rotateEverySeconds: 86_400,
    boundTo: [],
    adopters: [],
    dependents: [],
    retire: { drainSeconds: 0, soakSeconds: 0, deadlineSeconds: 60, onDeadline: 'hold-and-page' },
  } as const satisfies Partial<Credential>;
  const endpoint = { host, port };
  return {
    environment: 'bench',
    digest: 'bench',
    workloads: [],
    freezes: [],
    credentials: [
      {
        ...common,
        name: 'admin',
        kind: 'postgres-authority',
        strategy: 'in-place',
        target: { endpoint, role: 'bench_admin', database: 'postgres' },
      },
      {
        ...common,
        name: 'store',
        kind: 'postgres',
        strategy: 'two-slot',
        authority: 'admin',
        target: { endpoint, database: 'bench', slots: ['bench_a', 'bench_b'], ownerRole: 'bench_owner' },
      },
    ],
  };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

function tableOf(phases: ReadonlyMap<string, readonly Phase[]>): Table {
  const row = (name: string, all: readonly Phase[]): readonly string[] => [
    name,
    median(all.map(({ ms }) => ms)).toFixed(1),
    ...(['vaultCalls', 'vaultWrites', 'connections', 'ledgerCalls', 'auditEntries'] as const).map((key) =>
      String(median(all.map((each) => each[key]))),
    ),
  ];
  const steps = STEPS.map((step) => phases.get(step) ?? []);
  const sums = (steps[0] ?? [])
    .map((_, index) => steps.map((all) => all[index]).reduce(add, undefined))
    .flatMap((sum) => (sum ? [sum] : []));
  return {
    title: 'One rotation of a PostgreSQL credential, by phase (medians)',
    head: [
      'phase',
      'ms',
      'vault calls',
      'of them writes',
      'database connections',
      'ledger calls',
      'audit entries',
    ],
    rows: [
      ...STEPS.map((step) => row(step, phases.get(step) ?? [])),
      row('**the four steps**', sums),
      ...['observe', 'disable', 'revoke and prove'].map((name) => row(name, phases.get(name) ?? [])),
    ],
    notes: [
      'To reach, in the four steps: two vault writes, at most 12 vault calls, at most 4 database connections.',
    ],
  };
}

const add = (sum: Phase | undefined, each: Phase | undefined): Phase | undefined =>
  sum && each
    ? {
        ms: sum.ms + each.ms,
        vaultCalls: sum.vaultCalls + each.vaultCalls,
        vaultWrites: sum.vaultWrites + each.vaultWrites,
        connections: sum.connections + each.connections,
        ledgerCalls: sum.ledgerCalls + each.ledgerCalls,
        auditEntries: sum.auditEntries + each.auditEntries,
      }
    : (each ?? sum);
