import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { proofAudience } from '../../lambdas/contracts/access-wire.ts';
import { accessOf } from '../../lambdas/core/access/access-inventory.ts';
import { secretName, type Inventory } from '../../lambdas/core/credential.ts';
import type { Secret } from '../../lambdas/core/secret.ts';
import { proveSupply, putSupply } from '../../lambdas/supply-authority/supply-authority.ts';
import { openControl } from '../control/control-server.ts';
import { ProofAuthenticator } from '../endpoint/authenticate.ts';
import { openEndpoint } from '../endpoint/endpoint.ts';
import { WorkloadIdentities } from '../endpoint/workload-identities.ts';
import { endpointUrl } from '../issuer/issuer-places.ts';
import { TokenIssuer } from '../issuer/token-issuer.ts';
import { ownIdentity } from '../postgres/system-process.ts';
import { LOCAL_OPERATOR } from '../world/authorise.ts';
import type { World } from '../world/open-world.ts';
import type { WorldFolder } from '../world/world-folder.ts';

/** The ways into a world that works: the endpoint of dependents, and the socket of the command line. */
export interface Doors {
  readonly url: string;
  readonly identities: WorkloadIdentities;
  close(): Promise<void>;
}

/** Opens both and writes down where they are. */
export async function openDoors(
  folder: WorldFolder,
  world: World,
  port: number,
  onTrouble: (what: string, error: unknown) => void,
): Promise<Doors> {
  const { inventory, vault, pipeline, metrics, clock } = world;
  const identities = new WorkloadIdentities(folder.identities.workloads);
  const people = peopleOf(folder, inventory);
  const url = endpointUrl(port);
  const { issuers } = accessOf(inventory);
  const issuer = new TokenIssuer({ folder: folder.keys.issuers, issuers, clock, newId: randomUUID });
  const principalOf = (workload: string): string =>
    inventory.workloads.find(({ name }) => name === workload)?.principal ?? `embedded:${workload}`;
  const endpoint = await openEndpoint({
    port,
    authenticator: new ProofAuthenticator(
      proofAudience(inventory.environment),
      { workloads: identities, people },
      clock,
    ),
    read: (workload, credential, selector) =>
      vault.vaultFor(principalOf(workload)).read(secretName(inventory.environment, credential), selector),
    answerDependent: (workload, request) => pipeline.answerDependent(workload, request),
    answerAccess: (request) => pipeline.answerAccess(request),
    published: (path) => issuer.published(path),
    metrics,
    page: async () => ({ contentType: metrics.contentType, text: await metrics.text() }),
    onTrouble: (error) => onTrouble('the endpoint', error),
  });
  const socket = controlSocket(folder);
  const supplies = { inventory, vault: vault.vaultFor(LOCAL_OPERATOR), leases: pipeline.leases };
  const control = await openControl(socket, {
    operate: (operator, order) => pipeline.operate(operator, order),
    report: (query) => pipeline.report(query),
    putFirst: (credential, value) => putFirst(world, credential, value),
    signToken: (order) => issuer.sign(order),
    putSupply: (authority, version, value) => putSupply(supplies, authority, version, value),
    proveSupply: (authority) => proveSupply(supplies, authority),
    onTrouble: (error) => onTrouble('the socket of the command line', error),
  }).catch(async (error: unknown) => {
    await closeServer(endpoint);
    throw error;
  });
  await writeRuntimeRecord(folder, { endpoint: url, control: socket });
  return {
    url,
    identities,
    close: async () => void (await Promise.all([closeServer(endpoint), closeServer(control)])),
  };
}

/** An identity for each person of each role, as for each workload. */
function peopleOf(folder: WorldFolder, inventory: Inventory): WorkloadIdentities {
  const people = new WorkloadIdentities(folder.identities.people);
  for (const principal of accessOf(inventory).roles.flatMap(({ principals }) => principals)) {
    const name = principal.replace(/^embedded:/, '');
    people.ensure(name, folder.person(name));
  }
  return people;
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
