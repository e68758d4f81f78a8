import { appendFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { inventoryError, resolveInventory, LOCAL } from '../../lambdas/contracts/inventory/index.ts';
import { secretName, type Inventory } from '../../lambdas/core/credential.ts';
import type { Secret } from '../../lambdas/core/secret.ts';
import type { Discrepancy } from '../../lambdas/reconcile/reconcile-ports.ts';
import { openControl } from '../control/control-server.ts';
import { WorkloadAuthenticator } from '../endpoint/authenticate.ts';
import { openEndpoint } from '../endpoint/endpoint.ts';
import { WorkloadIdentities } from '../endpoint/workload-identities.ts';
import { onCallPager } from '../pager/on-call-pager.ts';
import { PageFile } from '../pager/page-file.ts';
import { ownIdentity } from '../postgres/system-process.ts';
import type { RunningServer } from '../postgres/start-server.ts';
import { LOCAL_OPERATOR } from '../world/authorise.ts';
import { localWorld, type LocalPlaces } from '../world/local-names.ts';
import { openWorld, type World } from '../world/open-world.ts';
import { PortsFile } from '../world/ports-file.ts';
import type { WorldFolder } from '../world/world-folder.ts';
import { adoptWorkspace, firstAdminKey } from './adopt-workspace.ts';
import { Clockwork } from './clockwork.ts';
import { keepBeating } from './heartbeat.ts';
import { RunLog } from './run-log.ts';
import { lockFolder } from './single-runtime.ts';
import { provisionDatabases, startDatabase, stopDatabase } from './workspace-database.ts';
import { doubleApiUrl, DOUBLE_PROJECT, startDouble, stopDouble } from './workspace-double.ts';
import { startServices, stopServices } from './workspace-services.ts';

/** What a runtime is started with. */
export interface RuntimeOptions {
  readonly folder: WorldFolder;
  /** What `defineWorkspace` made. */
  readonly workspace: unknown;
  /** Shows a page to whoever watches this process. */
  readonly showPage: (text: string) => void;
  /** Says what the start has come to. */
  readonly progress: (what: string) => void;
}

/** A runtime that works. */
export interface Runtime {
  readonly world: World;
  readonly inventory: Inventory;
  readonly folder: WorldFolder;
  readonly database: RunningServer;
  readonly pages: PageFile;
  readonly endpoint: string;
  /** Stops everything that belongs to this folder. */
  stop(): Promise<void>;
}

/**
 * Starts the embedded world: target systems first, then the stores, adoption, the doors, the services, and the
 * clock. Whatever an earlier runtime left is taken over: processes that run, rotations that are not over.
 */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { folder, progress } = options;
  // Before anything is touched: a file that is wrong is wrong wherever its targets are.
  inventoryOf(options.workspace, NOWHERE);
  mkdirSync(folder.root, { recursive: true, mode: 0o700 });
  const lock = lockFolder(folder.lock);
  const log = new RunLog(folder.log);
  const beating = keepBeating([folder.heartbeat]);
  const opened: (() => Promise<void>)[] = [async () => beating.stop(), async () => lock.release()];
  try {
    progress('PostgreSQL');
    const attended = await startDatabase(folder.postgres, (error) => log.trouble('PostgreSQL', error));
    // What this start brought up, a start that fails takes down again; what it found, it leaves.
    if (!attended.server.takenOver)
      opened.unshift(
        () => stopDatabase(folder.postgres),
        () => stopDouble(folder.openaiDouble),
      );
    opened.unshift(() => attended.release());
    const runtime = await openRuntime(options, attended.server, log, opened);
    log.say('started');
    return runtime;
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

/** Opens everything else. Each thing that has to be closed again puts itself in front of `opened`. */
async function openRuntime(
  options: RuntimeOptions,
  database: RunningServer,
  log: RunLog,
  opened: (() => Promise<void>)[],
): Promise<Runtime> {
  const { folder, progress, showPage } = options;
  const ports = await givePorts(new PortsFile(folder.ports));
  const inventory = inventoryOf(options.workspace, placesOf(database, ports));
  const pages = new PageFile(folder.pages);
  const pager = onCallPager({ file: pages, write: showPage });
  progress('stores');
  const world = await openWorld({ folder, inventory, pager, ...watchers(folder, log) });
  opened.unshift(async () => world.close());
  const doors = await openDoors(folder, world, ports.endpoint);
  opened.unshift(() => doors.close());
  await world.start();
  opened.unshift(() => world.stop());
  progress('the double of OpenAI');
  await startTargets(folder, inventory, database, ports.double);
  progress('adoption');
  await adoptWorkspace(world, database);
  progress('the services of the workspace');
  const portOf = (name: string): number | undefined => ports.services[name];
  const apiUrl = doubleApiUrl(ports.double);
  await startServices({ folder, inventory, identities: doors.identities, portOf, apiUrl });
  const clockwork = new Clockwork(world, pager, (what, error) => log.trouble(what, error));
  clockwork.start();
  opened.unshift(() => clockwork.stop());
  return {
    world,
    inventory,
    folder,
    database,
    pages,
    endpoint: doors.url,
    stop: () => stopEverything(folder, inventory, log, opened),
  };
}

/** Services first: what they would count while their targets go away is nobody's failure. */
async function stopEverything(
  folder: WorldFolder,
  inventory: Inventory,
  log: RunLog,
  opened: (() => Promise<void>)[],
): Promise<void> {
  await stopServices(folder, inventory);
  // The last two are the heartbeat and the lock: nobody else may begin on this folder before all else has ended.
  await closeAll(opened.splice(0, opened.length - 2));
  await stopDouble(folder.openaiDouble);
  await stopDatabase(folder.postgres);
  rmSync(folder.runtime, { force: true });
  log.say('stopped');
  await closeAll(opened);
}

/** In order, whatever becomes of each. */
async function closeAll(closing: readonly (() => Promise<void>)[]): Promise<void> {
  for (const close of closing) await close().catch(() => undefined);
}

interface GivenPorts {
  readonly endpoint: number;
  readonly double: number;
  readonly services: Readonly<Record<string, number>>;
}

async function givePorts(file: PortsFile): Promise<GivenPorts> {
  return {
    endpoint: await file.portOf('endpoint'),
    double: await file.portOf('openai-double'),
    services: {
      'rag-api': await file.portOf('rag-api'),
      'research-agent': await file.portOf('research-agent'),
    },
  };
}

const placesOf = (database: RunningServer, ports: GivenPorts): LocalPlaces => ({
  postgres: { host: database.host, port: database.port },
  openaiApiUrl: doubleApiUrl(ports.double),
  openaiProject: DOUBLE_PROJECT,
  servicePort: (name) => ports.services[name],
});

/** Stands for places that are not known yet, to check everything else of a file. */
const NOWHERE: LocalPlaces = {
  postgres: { host: '127.0.0.1', port: 5432 },
  openaiApiUrl: doubleApiUrl(443),
  openaiProject: DOUBLE_PROJECT,
  // A port of its own for each name: two receivers at one address would be a fault of the file.
  servicePort: (name) => 1024 + (createHash('sha256').update(name).digest().readUInt16BE() % 60_000),
};

/** The workspace as this machine has it. An inventory error throws with all problems. */
function inventoryOf(workspace: unknown, places: LocalPlaces): Inventory {
  const resolution = resolveInventory(workspace, LOCAL, { localWorld: localWorld(places) });
  if (!resolution.inventory) throw inventoryError(resolution.problems);
  return resolution.inventory;
}

function watchers(folder: WorldFolder, log: RunLog) {
  return {
    onTrouble: (what: string, error: unknown) => log.trouble(what, error),
    onConnection: (connection: object) =>
      appendFileSync(folder.probes, `${JSON.stringify({ at: new Date().toISOString(), ...connection })}\n`, {
        mode: 0o600,
      }),
    onDelivery: (outcome: string, handler: string, code?: string) => {
      if (outcome !== 'delivered')
        log.say(`delivery ${outcome}`, { handler, ...(code === undefined ? {} : { code }) });
    },
    onDiscrepancy: ({ credential, action, what }: Discrepancy) =>
      log.say(`reconcile ${action}`, { credential, what }),
  };
}

async function startTargets(
  folder: WorldFolder,
  inventory: Inventory,
  database: RunningServer,
  port: number,
): Promise<void> {
  const admin = inventory.credentials.find(({ kind }) => kind === 'openai-authority');
  const adminKey = await firstAdminKey(database, admin?.name ?? 'none');
  await Promise.all([
    provisionDatabases(database, inventory),
    startDouble({ folder: folder.openaiDouble, port, adminKey, heartbeat: folder.heartbeat }),
  ]);
}

interface Doors {
  readonly url: string;
  readonly identities: WorkloadIdentities;
  close(): Promise<void>;
}

async function openDoors(folder: WorldFolder, world: World, port: number): Promise<Doors> {
  const { inventory, vault, pipeline, metrics, clock } = world;
  const identities = new WorkloadIdentities(folder.identities);
  const principalOf = (workload: string): string =>
    inventory.workloads.find(({ name }) => name === workload)?.principal ?? `embedded:${workload}`;
  const endpoint = await openEndpoint({
    port,
    authenticator: new WorkloadAuthenticator(`lockstep/${inventory.environment}`, identities, clock),
    read: (workload, credential, selector) =>
      vault.vaultFor(principalOf(workload)).read(secretName(inventory.environment, credential), selector),
    answerDependent: (workload, request) => pipeline.answerDependent(workload, request),
    metrics,
    page: async () => ({ contentType: metrics.contentType, text: await metrics.text() }),
  });
  const socket = controlSocket(folder);
  const control = await openControl(socket, {
    operate: (operator, order) => pipeline.operate(operator, order),
    report: (query) => pipeline.report(query),
    putFirst: (credential, value) => putFirst(world, credential, value),
  });
  const url = `http://127.0.0.1:${port}`;
  await writeRuntimeRecord(folder, { endpoint: url, control: socket });
  return {
    url,
    identities,
    close: async () => void (await Promise.all([closeServer(endpoint), closeServer(control)])),
  };
}

/** A person's first value, under the operator's own right; the token is that value's own, so a repeat is one value. */
async function putFirst({ inventory, vault }: World, credential: string, value: Secret): Promise<void> {
  const token = createHash('sha256').update(`${credential}\n${value.reveal()}`).digest('hex');
  await vault.vaultFor(LOCAL_OPERATOR).putFirst(secretName(inventory.environment, credential), token, value);
}

/** Paths of sockets are short: about a hundred characters on every system. */
const LONGEST_SOCKET = 100;

function controlSocket({ root }: WorldFolder): string {
  const inside = join(root, 'control.sock');
  if (Buffer.byteLength(inside) <= LONGEST_SOCKET) return inside;
  const folder = join(tmpdir(), `lockstep-${createHash('sha256').update(root).digest('hex').slice(0, 12)}`);
  if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
  return join(folder, 'control.sock');
}

async function writeRuntimeRecord(
  { runtime }: WorldFolder,
  facts: { readonly endpoint: string; readonly control: string },
): Promise<void> {
  writeFileSync(`${runtime}.new`, JSON.stringify({ ...(await ownIdentity()), ...facts }), { mode: 0o600 });
  renameSync(`${runtime}.new`, runtime);
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
