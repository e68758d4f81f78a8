import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { inventoryError } from '../../lambdas/contracts/inventory/index.ts';
import { accessOf } from '../../lambdas/core/access/access-inventory.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';
import type { Discrepancy } from '../../lambdas/reconcile/reconcile-ports.ts';
import { LineFile } from '../files/line-file.ts';
import { endpointUrl, issuerPlace } from '../issuer/issuer-places.ts';
import { onCallPager } from '../pager/on-call-pager.ts';
import { PageFile } from '../pager/page-file.ts';
import type { RunningServer } from '../postgres/start-server.ts';
import { examineLocal, resolveLocal } from '../world/examine-local.ts';
import type { LocalPlaces } from '../world/local-names.ts';
import { openWorld, type World } from '../world/open-world.ts';
import { PortsFile } from '../world/ports-file.ts';
import type { WorldFolder } from '../world/world-folder.ts';
import { adoptWorkspace, demandValues } from './adopt-workspace.ts';
import { allSettled } from './all-settled.ts';
import { attendPrograms } from './attend-programs.ts';
import { Clockwork } from './clockwork.ts';
import { demandSweeper } from './demand-sweeper.ts';
import { openDoors, type Doors } from './doors.ts';
import { keepBeating } from './heartbeat.ts';
import { RunLog, type Trouble } from './run-log.ts';
import { lockFolder } from './single-runtime.ts';
import { TakeDown } from './take-down.ts';
import { supplyAuthorities } from './supply-authorities.ts';
import {
  firstAdminKey,
  isDatabaseRunning,
  provisionDatabases,
  startDatabase,
  stopDatabase,
} from './workspace-database.ts';
import {
  doubleApiUrl,
  DOUBLE_PROJECT,
  isDoubleAlive,
  startDouble,
  stopDouble,
  type DoubleOptions,
} from './workspace-double.ts';
import { areServicesAlive, startServices, stopServices, type ServicesOptions } from './workspace-services.ts';

/** What a runtime is started with. */
export interface RuntimeOptions {
  readonly folder: WorldFolder;
  /** What `defineWorkspace` made. */
  readonly workspace: unknown;
  /** The folder with the policies of the workspace. */
  readonly policies: string;
  /** How long PostgreSQL, the double and the services go on when no runtime shows itself. */
  readonly idleLimitSeconds: number;
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
  /** The last thing that failed and is tried again, if anything did. */
  readonly lastTrouble: () => Trouble | undefined;
  /** Stops everything that belongs to this folder. */
  stop(): Promise<void>;
}

/**
 * Starts the embedded world: target systems first, then the stores, adoption, the doors, the services, and the
 * clock. Whatever an earlier runtime left is taken over: processes that run, rotations that are not over. What a
 * start that fails has brought up it takes down again, and what it found it leaves.
 */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { folder, progress, idleLimitSeconds } = options;
  // Before anything is touched: a file that is wrong is wrong wherever its targets are.
  const problems = examineLocal(options.workspace);
  if (problems.length > 0) throw inventoryError(problems);
  const lock = lockFolder(folder.lock);
  const takeDown = new TakeDown();
  takeDown.add('folder', async () => lock.release());
  try {
    const log = new RunLog(folder.log);
    const beating = keepBeating([folder.heartbeat]);
    takeDown.add('folder', async () => beating.stop());
    progress('PostgreSQL');
    if (!(await isDatabaseRunning(folder.postgres)))
      takeDown.add('targets', () => stopDatabase(folder.postgres));
    const attended = await startDatabase(folder.postgres, idleLimitSeconds, (error) =>
      log.trouble('PostgreSQL', error),
    );
    takeDown.add('inside', () => attended.release());
    const runtime = await openRuntime(options, attended.server, log, takeDown);
    log.say('started');
    return runtime;
  } catch (error) {
    await takeDown.all();
    throw error;
  }
}

/** Opens everything else. */
async function openRuntime(
  options: RuntimeOptions,
  database: RunningServer,
  log: RunLog,
  takeDown: TakeDown,
): Promise<Runtime> {
  const { folder, progress, showPage } = options;
  const trouble = (what: string, error: unknown): void => log.trouble(what, error);
  const ports = await givePorts(new PortsFile(folder.ports));
  const inventory = resolveLocal(options.workspace, placesOf(database, ports));
  const pages = new PageFile(folder.pages);
  const pager = onCallPager({ file: pages, write: showPage });
  progress('stores');
  const upSince = new Date().toISOString();
  const { policies } = options;
  const world = await openWorld({ folder, inventory, policies, pager, upSince, ...watchers(folder, log) });
  takeDown.add('inside', async () => world.close());
  await demandValues(world);
  await demandSweeper(world);
  world.makeSecrets();
  const doors = await openDoors(folder, world, ports.endpoint, trouble);
  takeDown.add('inside', () => doors.close());
  await world.start();
  takeDown.add('inside', () => world.stop());
  progress('the double of OpenAI');
  const double = await doubleOptions(options, inventory, database, ports.double);
  if (!(await isDoubleAlive(double.folder))) takeDown.add('targets', () => stopDouble(double.folder));
  await allSettled([provisionDatabases(database, inventory), startDouble(double)]);
  progress('adoption');
  await adoptWorkspace(world, database);
  await supplyAuthorities(world, database);
  progress('the services of the workspace');
  const services = servicesOptions(options, inventory, doors, ports);
  if (!(await areServicesAlive(services))) takeDown.add('services', () => stopServices(folder, inventory));
  await startServices(services);
  const attending = attendPrograms(
    {
      areAlive: async () => (await isDoubleAlive(double.folder)) && (await areServicesAlive(services)),
      start: () => allSettled([startDouble(double), startServices(services)]),
    },
    () => log.say('a program of the workspace has ended and is started again'),
    (error) => trouble('the programs of the workspace', error),
  );
  takeDown.add('watch', () => attending.stop());
  const clockwork = new Clockwork(world, pager, trouble);
  clockwork.start();
  takeDown.add('watch', () => clockwork.stop());
  const stop = async (): Promise<void> => stopEverything(folder, inventory, log, takeDown);
  const lastTrouble = (): Trouble | undefined => log.lastTrouble;
  return { world, inventory, folder, database, pages, endpoint: doors.url, lastTrouble, stop };
}

/** Also what was found and taken over: nothing of this folder runs on when its runtime was asked to end. */
async function stopEverything(
  folder: WorldFolder,
  inventory: Inventory,
  log: RunLog,
  takeDown: TakeDown,
): Promise<void> {
  takeDown.add('services', () => stopServices(folder, inventory));
  takeDown.add('targets', () => stopDatabase(folder.postgres));
  takeDown.add('targets', () => stopDouble(folder.openaiDouble));
  takeDown.add('folder', async () => rmSync(folder.runtime, { force: true }));
  const failure = await takeDown.all();
  log.say('stopped');
  if (failure !== undefined) throw failure;
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
      summariser: await file.portOf('summariser'),
    },
  };
}

const placesOf = (database: RunningServer, ports: GivenPorts): LocalPlaces => ({
  postgres: { host: database.host, port: database.port },
  openaiApiUrl: doubleApiUrl(ports.double),
  openaiProject: DOUBLE_PROJECT,
  servicePort: (name) => ports.services[name],
  issuer: (name) => issuerPlace(endpointUrl(ports.endpoint), name),
});

function watchers(folder: WorldFolder, log: RunLog) {
  mkdirSync(dirname(folder.probes), { recursive: true, mode: 0o700 });
  const probes = new LineFile(folder.probes);
  return {
    onTrouble: (what: string, error: unknown) => log.trouble(what, error),
    onConnection: (connection: object) => probes.append({ at: new Date().toISOString(), ...connection }),
    onDelivery: (outcome: string, handler: string, code?: string) => {
      if (outcome !== 'delivered')
        log.say(`delivery ${outcome}`, { handler, ...(code === undefined ? {} : { code }) });
    },
    onDiscrepancy: ({ credential, action, what }: Discrepancy) =>
      log.say(`reconcile ${action}`, { credential, what }),
  };
}

async function doubleOptions(
  { folder, idleLimitSeconds }: RuntimeOptions,
  inventory: Inventory,
  database: RunningServer,
  port: number,
): Promise<DoubleOptions> {
  const admins = [
    ...inventory.credentials.filter(({ kind }) => kind === 'openai-authority'),
    ...accessOf(inventory).leaseAuthorities.filter(({ kind }) => kind === 'openai'),
  ];
  const adminKeys = await Promise.all(admins.map(({ name }) => firstAdminKey(database, name)));
  return { folder: folder.openaiDouble, port, adminKeys, heartbeat: folder.heartbeat, idleLimitSeconds };
}

const servicesOptions = (
  { folder, idleLimitSeconds }: RuntimeOptions,
  inventory: Inventory,
  { identities }: Doors,
  ports: GivenPorts,
): ServicesOptions => ({
  folder,
  inventory,
  identities,
  portOf: (name) => ports.services[name],
  apiUrl: doubleApiUrl(ports.double),
  idleLimitSeconds,
});
