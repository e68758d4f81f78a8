import type { Inventory } from '../../lambdas/core/credential.ts';
import type { WorkloadIdentities } from '../endpoint/workload-identities.ts';
import { realSleep } from '../loop/sleep.ts';
import { ordersDigest, type ServiceOrders } from '../services/service-orders.ts';
import { livingService, type ServiceRecord } from '../services/service-record.ts';
import { serviceNames, SERVICE_PROGRAMS } from '../world/local-services.ts';
import type { WorldFolder } from '../world/world-folder.ts';
import { allSettled } from './all-settled.ts';
import { endProcess, launch } from './launch.ts';

/** What services are started with. */
export interface ServicesOptions {
  readonly folder: WorldFolder;
  readonly inventory: Inventory;
  readonly identities: WorkloadIdentities;
  readonly portOf: (service: string) => number | undefined;
  readonly apiUrl: string;
  /** How long a service goes on when no runtime shows itself. */
  readonly idleLimitSeconds: number;
}

/** Starts each service as a process of its own, or takes over the one that an earlier runtime left. */
export async function startServices(options: ServicesOptions): Promise<void> {
  await allSettled(serviceNames(options.inventory).map((name) => startService(options, name)));
}

async function startService(options: ServicesOptions, name: string): Promise<void> {
  const folder = options.folder.service(name);
  const orders = ordersFor(options, name);
  const living = await settledService(folder);
  if (living?.orders === ordersDigest(orders)) return;
  // One that was started by other orders: on another port, or with another cache.
  await endProcess(living);
  const program = SERVICE_PROGRAMS[name];
  if (!program) throw new TypeError(`there is no program for ${name}, and the inventory was not refused`);
  await launch({
    name,
    folder,
    program,
    arguments: [JSON.stringify(orders)],
    ...(orders.port === undefined ? {} : { port: orders.port }),
    isUp: async () => (await livingService(folder))?.isReady === true,
    // One that was started by a runtime which was killed meanwhile shows itself, and ours ends.
    isComing: async () => (await livingService(folder)) !== undefined,
  });
}

const READY_PATIENCE_MS = 10_000;

/** The service that lives, once it has begun; one that was found while it began is waited for. */
async function settledService(folder: string): Promise<ServiceRecord | undefined> {
  const giveUpAt = performance.now() + READY_PATIENCE_MS;
  for (;;) {
    const living = await livingService(folder);
    if (!living || living.isReady) return living;
    if (performance.now() > giveUpAt) {
      await endProcess(living);
      return undefined;
    }
    await realSleep(50);
  }
}

function ordersFor(
  { folder, inventory, identities, portOf, apiUrl, idleLimitSeconds }: ServicesOptions,
  name: string,
): ServiceOrders {
  const port = portOf(name);
  const declared = inventory.credentials
    .flatMap(({ dependents }) => dependents)
    .find((dependent) => dependent.name === name);
  const lifetime = declared?.evidence?.poolLifetimeSeconds;
  return {
    name,
    environment: inventory.environment,
    folder: folder.service(name),
    identity: identities.ensure(name, folder.service(name)),
    runtime: folder.runtime,
    heartbeat: folder.heartbeat,
    idleLimitSeconds,
    ...(port === undefined ? {} : { port }),
    settings: {
      apiUrl,
      cacheTtlSeconds: declared?.cacheTtlSeconds ?? 2,
      ...(lifetime === undefined ? {} : { poolLifetimeSeconds: lifetime }),
    },
  };
}

/** Whether all of them live, for whoever has started them. */
export async function areServicesAlive({ folder, inventory }: ServicesOptions): Promise<boolean> {
  const living = await Promise.all(
    serviceNames(inventory).map((name) => livingService(folder.service(name))),
  );
  return living.every((service) => service !== undefined);
}

/** Ends them all. */
export async function stopServices(folder: WorldFolder, inventory: Inventory): Promise<void> {
  await Promise.all(
    serviceNames(inventory).map(async (name) => endProcess(await livingService(folder.service(name)))),
  );
}
