import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Workspace } from '../../../lambdas/contracts/inventory/index.ts';
import { functionName, STACKS } from '../../../lambdas/contracts/names.ts';
import type { Inventory } from '../../../lambdas/core/credential.ts';
import { hasLeases } from '../../../lib/access/lease-kinds.ts';
import { handlersFor } from '../../../lib/bundles/handlers.ts';
import type { PhysicalIds } from '../../template/synthesized-environment.ts';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { startBedProxy, type BedProxy, type Interceptor } from '../proxy/bed-proxy.ts';
import { accessRecords } from './access-records.ts';
import { bedClients, type BedClients } from './bed-clients.ts';
import { embedder, ragApi, summariser, type BedDependent } from './bed-dependents.ts';
import { openDoors, type BedDoors } from './bed-doors.ts';
import { openHosts, type BedHosts } from './bed-hosts.ts';
import { BedRotations } from './bed-rotations.ts';
import { BED_ENVIRONMENT, bedWorkspace, type BedPlaces } from './bed-workspace.ts';
import { Canaries } from './canaries.ts';
import { carryEvery } from './carry-every.ts';
import { deployOnto, type DeployTimes } from './deploy.ts';
import { EmfStandIn } from './emf-stand-in.ts';
import { forgetFirstVersions } from './forget-first-versions.ts';
import { OnCall } from './on-call.ts';
import { physicalIds } from './physical-ids.ts';
import { Recorder } from './recorder.ts';
import { SchedulerStandIn } from './scheduler-stand-in.ts';
import { secretsManagerStandIn } from './secrets-manager-stand-in.ts';
import { synthesizeBed, type SynthesizedBed } from './synthesize-bed.ts';

/** The services of the workspace, each with an identity of its own. */
export type Services = Readonly<Record<'rag-api' | 'embedder' | 'summariser', BedDependent>>;

/** What carries calls between everything and the bed, looks at them, and plays what the bed lacks. */
interface Carriers {
  readonly clients: BedClients;
  readonly recorder: Recorder;
  readonly rotations: BedRotations;
  readonly scheduler: SchedulerStandIn;
  readonly proxy: BedProxy;
  /** Interceptors that a story puts before all others, for as long as it lasts. */
  readonly faults: Interceptor[];
  readonly canaries: Canaries;
}

/** Everything of one deployment onto MiniStack, with what plays the parts that the bed lacks. */
export interface DeployedStage
  extends
    Pick<Carriers, 'clients' | 'recorder' | 'rotations' | 'faults' | 'canaries'>,
    Pick<BedHosts, 'targets' | 'issuers' | 'places' | 'cutOff' | 'serve'>,
    Pick<BedDoors, 'as' | 'doorOf' | 'brokerOf' | 'brokerBy' | 'cli'> {
  readonly synthesized: SynthesizedBed;
  readonly times: DeployTimes;
  /** What resources are called on the bed, by `<stack>/<logical id>`. */
  readonly physicalIds: PhysicalIds;
  readonly ledgerTable: string;
  readonly onCall: OnCall;
  readonly emf: EmfStandIn;
  /** Starts the services that depend on credentials. Not before these are adopted: a value has to work first. */
  readonly startServices: () => Promise<Services>;
  close(): Promise<void>;
}

/** Names of the bed also mean something in this process: for clients of the database, and for whoever else asks. */
const useBedNames = (): void => void createRequire(import.meta.url)('./bed-names.cjs');

/** Synthesizes, deploys, and opens everything around it. */
export async function openStage(
  say: (text: string) => void,
  workspaceOf: (places: BedPlaces) => Workspace = bedWorkspace,
): Promise<DeployedStage> {
  useBedNames();
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-bed-stage-'));
  const { ministack } = bedAddresses();
  const carriers = await openCarriers(ministack);
  const { clients, recorder, rotations, faults, canaries, proxy } = carriers;
  const hosts = await openHosts(folder, proxy.url, ministack);
  say('synthesizing');
  const workspace = workspaceOf(hosts.places);
  const synthesized = synthesizeBed(join(folder, 'cdk.out'), workspace, hosts.preparation);
  const { inventory } = synthesized.declared;
  say('deploying');
  const times = await deployOnto(ministack, join(folder, 'cdk.out'), BED_ENVIRONMENT);
  const ids = await physicalIds(ministack, stacksOf(inventory));
  await forgetFirstVersions(clients.secrets);
  const doors = await openDoors(clients, { proxyUrl: proxy.url, folder, workspace, inventory });
  const running: BedDependent[] = [];
  const carrying = carryEvery(500, () => carriers.scheduler.carry(), say);
  return {
    synthesized,
    times,
    clients,
    recorder,
    rotations,
    faults,
    canaries,
    physicalIds: ids,
    targets: hosts.targets,
    issuers: hosts.issuers,
    places: hosts.places,
    cutOff: hosts.cutOff,
    serve: hosts.serve,
    as: doors.as,
    doorOf: doors.doorOf,
    brokerOf: doors.brokerOf,
    brokerBy: doors.brokerBy,
    cli: doors.cli,
    ledgerTable: [...ids].find(([id]) => /-rotation\/LedgerTable/.test(id))?.[1] ?? '',
    onCall: await OnCall.subscribe(clients),
    emf: new EmfStandIn(
      ministack,
      handlersFor([inventory]).map(({ name }) => `/aws/lambda/${functionName(BED_ENVIRONMENT, name)}`),
    ),
    startServices: async () => {
      const services = await startServices(doors, hosts);
      running.push(...Object.values(services));
      return services;
    },
    close: async () => {
      await carrying.end();
      await rotations.driver.stop();
      await Promise.all(running.map((each) => each.close()));
      for (const each of [doors, hosts, proxy]) await each.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The stacks there are: `access` only where something can be leased. */
const stacksOf = (inventory: Inventory): readonly string[] =>
  STACKS.filter((stack) => stack !== 'access' || hasLeases(inventory)).map(
    (stack) => `lockstep-${BED_ENVIRONMENT}-${stack}`,
  );

async function openCarriers(ministack: string): Promise<Carriers> {
  const clients = bedClients(ministack);
  const rotations = new BedRotations(clients);
  const recorder = new Recorder();
  const faults: Interceptor[] = [];
  const canaries = new Canaries();
  const scheduler = await SchedulerStandIn.open(clients);
  const proxy = await startBedProxy(ministack, [
    recorder.interceptor,
    canaries.interceptor,
    accessRecords(clients.sqs),
    inTurn(faults),
    secretsManagerStandIn(rotations),
    scheduler.interceptor,
  ]);
  return { clients, recorder, rotations, scheduler, proxy, faults, canaries };
}

async function startServices({ doorOf }: BedDoors, hosts: BedHosts): Promise<Services> {
  const services = {
    'rag-api': await ragApi(doorOf('rag-api')),
    embedder: await embedder(doorOf('embedder')),
    summariser: await summariser(doorOf('summariser'), hosts.targets.openai.apiUrl),
  };
  for (const { name, port } of Object.values(services)) if (port !== undefined) hosts.serve(name, port);
  return services;
}

/** Those of a list that may change while they are used. */
const inTurn =
  (interceptors: readonly Interceptor[]): Interceptor =>
  (call, pass) =>
    interceptors.reduceRight<typeof pass>((next, each) => (given) => each(given, next), pass)(call);
