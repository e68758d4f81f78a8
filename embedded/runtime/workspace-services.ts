import { join } from 'node:path';
import type { Inventory } from '../../lambdas/core/credential.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { WorkloadIdentities } from '../endpoint/workload-identities.ts';
import type { ServiceOrders } from '../services/service-life.ts';
import type { WorldFolder } from '../world/world-folder.ts';
import { endProcess, launch, livingProcess } from './launch.ts';

/** The services of the example workspace that exist as programs. */
const PROGRAMS: Readonly<Record<string, URL>> = {
  'rag-api': new URL('../services/rag-api.ts', import.meta.url),
  embedder: new URL('../services/embedder.ts', import.meta.url),
  'research-agent': new URL('../services/research-agent.ts', import.meta.url),
};

/** What services are started with. */
export interface ServicesOptions {
  readonly folder: WorldFolder;
  readonly inventory: Inventory;
  readonly identities: WorkloadIdentities;
  readonly portOf: (service: string) => number | undefined;
  readonly apiUrl: string;
}

/** The names of the services that an inventory's dependents are. */
export const serviceNames = (inventory: Inventory): readonly string[] => [
  ...new Set(inventory.credentials.flatMap(({ dependents }) => dependents.map(({ name }) => name))),
];

/** Starts each service as a process of its own, or takes over the one that an earlier runtime left. */
export async function startServices(options: ServicesOptions): Promise<void> {
  await Promise.all(serviceNames(options.inventory).map((name) => startService(options, name)));
}

async function startService(options: ServicesOptions, name: string): Promise<void> {
  const program = PROGRAMS[name];
  if (!program) {
    throw new LockstepError(
      'NOT_SUPPORTED',
      `the embedded world has no program for the dependent ${name}; it has ${Object.keys(PROGRAMS).join(', ')}`,
    );
  }
  const { folder } = options;
  const record = join(folder.service(name), 'process.json');
  if (await livingProcess(record)) return;
  await launch({
    name,
    folder: folder.service(name),
    program,
    arguments: [JSON.stringify(ordersFor(options, name))],
    isUp: async () => (await livingProcess(record)) !== undefined,
  });
}

function ordersFor(
  { folder, inventory, identities, portOf, apiUrl }: ServicesOptions,
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
    idleLimitSeconds: 600,
    ...(port === undefined ? {} : { port }),
    settings: {
      apiUrl,
      cacheTtlSeconds: declared?.cacheTtlSeconds ?? 2,
      ...(lifetime === undefined ? {} : { poolLifetimeSeconds: lifetime }),
    },
  };
}

/** Ends them all. */
export async function stopServices(folder: WorldFolder, inventory: Inventory): Promise<void> {
  const records = serviceNames(inventory).map((name) => join(folder.service(name), 'process.json'));
  await Promise.all(records.map(async (record) => endProcess(await livingProcess(record))));
}
