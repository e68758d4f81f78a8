import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { heartbeatSecret } from '../../lambdas/contracts/names.ts';
import { accessOf } from '../../lambdas/core/access/access-inventory.ts';
import { ALARMS } from '../../lambdas/core/alarms.ts';
import { secretName, type Inventory } from '../../lambdas/core/credential.ts';
import { makeEvent } from '../../lambdas/core/make-event.ts';
import type { Pager } from '../../lambdas/core/ports/pager.ts';
import type { RetryPolicy } from '../../lambdas/core/propagation/backoff.ts';
import type { Clock, Instant } from '../../lambdas/core/time.ts';
import type { Discrepancy } from '../../lambdas/reconcile/reconcile-ports.ts';
import { FileHeadStore } from '../audit/file-head-store.ts';
import { SqliteAuditStore } from '../audit/sqlite-audit-store.ts';
import type { DeliveryOutcome } from '../bus/bus-options.ts';
import { outboxPump } from '../bus/outbox-pump.ts';
import { SqliteBus } from '../bus/sqlite-bus.ts';
import { SqliteLedger } from '../ledger/sqlite-ledger.ts';
import { realSleep } from '../loop/sleep.ts';
import type { WorkerLoop } from '../loop/worker-loop.ts';
import { RegistryMetrics } from '../metrics/registry-metrics.ts';
import { SampleWindows } from '../metrics/sample-windows.ts';
import type { PipelineLimits } from '../pipeline/pipeline-parts.ts';
import { LOCAL_ACCOUNT, wirePipeline, type Pipeline } from '../pipeline/wire-pipeline.ts';
import { demandSigningKey } from '../signer/demand-signing-key.ts';
import { FileSigner } from '../signer/file-signer.ts';
import { verifyEd25519 } from '../signer/verify-ed25519.ts';
import { StepDriver } from '../step-driver/step-driver.ts';
import { SqliteTimer } from '../timer/sqlite-timer.ts';
import { EmbeddedVault } from '../vault/open-vault.ts';
import { authoriseFor, localRole } from './authorise.ts';
import { loadAccess } from './load-access.ts';
import { loadPropagators, loadRotators, type OwnConnection } from './load-kinds.ts';
import { markOfWorld } from './mark-of-world.ts';
import type { WorldFolder } from './world-folder.ts';

/** What a world is opened with. */
export interface WorldOptions {
  readonly folder: WorldFolder;
  readonly inventory: Inventory;
  /** The folder with the policies of the workspace. Read where something can be leased; absent: nothing is leased here. */
  readonly policies?: string;
  readonly pager: Pager;
  readonly clock?: Clock;
  /** Since when this world works: dependents that nobody could hear meanwhile are not late. */
  readonly upSince?: Instant;
  /** One of our own connections to a target. */
  readonly onConnection?: (connection: OwnConnection) => void;
  /** Something failed that will be tried again, or was given up: for the log. */
  readonly onTrouble?: (what: string, error: unknown) => void;
  readonly onDelivery?: (outcome: DeliveryOutcome, handler: string, code?: string) => void;
  /** Something that reconcile found, and what became of it. */
  readonly onDiscrepancy?: (found: Discrepancy) => void;
}

/** Deliveries on one machine are tried again soon: twelve attempts in about a minute. */
const BUS_RETRIES: RetryPolicy = { maxAttempts: 12, baseSeconds: 0.4, capSeconds: 10 };
const STEP_RETRIES: RetryPolicy = { maxAttempts: 10, baseSeconds: 0.3, capSeconds: 5 };

/** Fast cadences need short patience. */
export const LOCAL_LIMITS: PipelineLimits = {
  lockSeconds: 20,
  stuckAfterSeconds: 20,
  orphansEverySeconds: 300,
  windowSeconds: 20,
};

/** An open world: every store, the functions wired to them, and the loops that move things. */
export interface World {
  readonly inventory: Inventory;
  readonly pipeline: Pipeline;
  readonly vault: EmbeddedVault;
  readonly ledger: SqliteLedger;
  readonly bus: SqliteBus;
  readonly timer: SqliteTimer;
  readonly chains: SqliteAuditStore;
  readonly heads: FileHeadStore;
  readonly metrics: RegistryMetrics;
  readonly windows: SampleWindows;
  readonly clock: Clock;
  /** Makes the secret of every credential and lease authority that has none, without a value: what a deployment does on AWS. */
  makeSecrets(): void;
  /** Takes up whatever an earlier process left, and works from now on. */
  start(): Promise<void>;
  /** Has a head signed over everything that is in the audit now. */
  seal(): Promise<void>;
  /** Lets what is under way end; what is not done stays for the next process. */
  stop(): Promise<void>;
  close(): void;
}

/** Opens every store of a folder and wires the pipeline to them. Starts nothing. */
export async function openWorld(options: WorldOptions): Promise<World> {
  const { folder, inventory, clock = () => new Date() } = options;
  for (const path of Object.values(folder.stores)) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  mkdirSync(dirname(folder.keys.vault), { recursive: true, mode: 0o700 });
  demandSigningKey(folder);
  const stores = openStores(options, clock);
  const { onConnection = () => undefined, onTrouble = () => undefined, policies } = options;
  const kinds = { clock, newId: randomUUID, sleep: realSleep, onConnection };
  const rotatorFor = await loadRotators(inventory, kinds);
  const access =
    policies === undefined ? undefined : await loadAccess({ ...kinds, inventory, policies, onTrouble });
  const signer = new FileSigner(folder.keys.seal);
  const pipeline = wirePipeline({
    ...stores,
    outbox: stores.ledger,
    deadLetters: stores.bus,
    inventory,
    mark: await markOfWorld(signer, inventory.environment),
    signer,
    verifySignature: verifyEd25519(await signer.publicKey()),
    pager: options.pager,
    vaultFor: (name) => stores.vault.vaultFor(localRole(inventory.environment, name)),
    catalog: {
      list: async (prefix) =>
        stores.vault
          .listSecrets()
          .map(({ name }) => name)
          .filter((name) => name.startsWith(prefix)),
    },
    rotatorFor,
    ...(access ? { access } : {}),
    propagatorFor: await loadPropagators({ clock }),
    clock,
    newId: randomUUID,
    random: Math.random,
    sleep: realSleep,
    limits: LOCAL_LIMITS,
    ...(options.upSince === undefined ? {} : { upSince: options.upSince }),
    ...(options.onDiscrepancy ? { onDiscrepancy: options.onDiscrepancy } : {}),
  });
  stores.late.pipeline = pipeline;
  const makeSecrets = (): void => {
    for (const { name } of [...inventory.credentials, ...accessOf(inventory).leaseAuthorities])
      stores.vault.createSecret(secretName(inventory.environment, name));
    stores.vault.createSecret(heartbeatSecret(inventory.environment));
  };
  const seal = async (): Promise<void> => {
    const source = { environment: inventory.environment, clock, newId: randomUUID };
    await pipeline.handlers['seal-audit']?.(makeEvent(source, 'seal.due', {}));
  };
  return { ...stores, inventory, pipeline, clock, makeSecrets, seal, ...lifeOf(stores) };
}

type Stores = ReturnType<typeof openStores>;

/** Bus and StepDriver call the functions, which are wired to bus and vault: tied together after all are open. */
interface Late {
  pipeline?: Pipeline;
  driver?: StepDriver;
  pump?: WorkerLoop;
}

function openStores(options: WorldOptions, clock: Clock) {
  const { folder, inventory, onTrouble = () => undefined, onDelivery } = options;
  const late: Late = {};
  const trouble = (what: string) => (error: unknown) => onTrouble(what, error);
  const windows = new SampleWindows(ALARMS);
  const metrics = new RegistryMetrics({
    environment: inventory.environment,
    clock,
    windows,
    onMisfit: (name) => onTrouble(`metric ${name}`, undefined),
  });
  const bus = new SqliteBus({
    path: folder.stores.bus,
    clock,
    sleep: realSleep,
    random: Math.random,
    retries: BUS_RETRIES,
    handlers: lateHandlers(() => late.pipeline?.handlers),
    awsHandlers: lateHandlers(() => late.pipeline?.awsHandlers),
    concurrency: 4,
    onOutcome: (outcome, handler, code) => {
      if (outcome === 'dropped') metrics.count('lockstep_messages_dropped', { code: code ?? 'UNEXPECTED' });
      onDelivery?.(outcome, handler, code);
    },
    onError: trouble('the bus'),
  });
  const ledger = new SqliteLedger({ path: folder.stores.ledger, clock, onEvents: () => late.pump?.wake() });
  const pump = outboxPump({ outbox: ledger, bus, sleep: realSleep, onError: trouble('the outbox') });
  late.pump = pump;
  const timer = new SqliteTimer({
    path: folder.stores.timer,
    clock,
    sleep: realSleep,
    publish: (events) => bus.publish(events),
    onError: trouble('the timers'),
  });
  const { vault, driver } = openVault(options, clock, bus, late);
  const chains = new SqliteAuditStore(folder.stores.audit);
  const heads = new FileHeadStore(folder.heads);
  return { late, windows, metrics, bus, ledger, pump, timer, vault, driver, chains, heads };
}

/** The vault, and what plays Secrets Manager's part in a rotation. */
function openVault(
  { folder, inventory, onTrouble = () => undefined }: WorldOptions,
  clock: Clock,
  bus: SqliteBus,
  late: Late,
) {
  const vault = new EmbeddedVault({
    path: folder.stores.vault,
    keyPath: folder.keys.vault,
    account: LOCAL_ACCOUNT,
    region: 'local',
    clock,
    newId: randomUUID,
    randomBytes: (length) => new Uint8Array(randomBytes(length)),
    authorise: authoriseFor(inventory),
    defaultBus: (event) => bus.publishAws(event),
    onLost: () => onTrouble('a record of access', undefined),
    startRotation: async (arn, start) => late.driver?.start(arn, start),
  });
  const driver = new StepDriver({
    vault: vault.driven,
    jobs: vault.jobs,
    invoke: async (request) => late.pipeline?.step(request),
    sleep: realSleep,
    newId: randomUUID,
    random: Math.random,
    retries: STEP_RETRIES,
    concurrency: 4,
    report: vault.report,
  });
  late.driver = driver;
  return { vault, driver };
}

/** Handlers that are looked up when they are called: the functions are wired after the bus is open. */
function lateHandlers<H extends (input: never) => Promise<void>>(
  wired: () => Readonly<Record<string, H>> | undefined,
): Readonly<Record<string, H>> {
  return new Proxy<Record<string, H>>(
    {},
    { get: (_target, name) => (typeof name === 'string' ? wired()?.[name] : undefined) },
  );
}

function lifeOf({
  bus,
  pump,
  timer,
  driver,
  vault,
  ledger,
  chains,
}: Stores): Pick<World, 'start' | 'stop' | 'close'> {
  return {
    start: async () => {
      await driver.resume();
      for (const loop of [pump, timer, bus]) loop.start();
    },
    stop: async () => {
      await Promise.all([timer.stop(), pump.stop()]);
      await driver.stop();
      await bus.stop();
    },
    close: () => {
      for (const store of [bus, timer, ledger, vault, chains]) store.close();
    },
  };
}
