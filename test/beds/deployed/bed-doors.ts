import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { randomUUID } from 'node:crypto';
import { awsConnection } from '../../../cli/connection/aws-connection.ts';
import type { Connection } from '../../../cli/connection/connection.ts';
import type { AccessConnection } from '../../../client/access/access-connection.ts';
import { signedAccess } from '../../../client/access/signed-access.ts';
import { tokenAccess } from '../../../client/access/token-access.ts';
import type { TokenSource } from '../../../client/access/token-source.ts';
import { secretsManagerVault } from '../../../lambdas/adapters/secrets-manager-vault/secrets-manager-vault.ts';
import { ACCESS_ALIASES } from '../../../lambdas/contracts/access-wire.ts';
import type { Workspace } from '../../../lambdas/contracts/inventory/index.ts';
import { functionName } from '../../../lambdas/contracts/names.ts';
import { GUARDED_ORDERS } from '../../../lambdas/contracts/orders.ts';
import { accessOf } from '../../../lambdas/core/access/access-inventory.ts';
import type { Inventory } from '../../../lambdas/core/credential.ts';
import { hasLeases } from '../../../lib/access/lease-kinds.ts';
import { BED_ACCOUNT, BED_REGION } from '../launch/ministack.ts';
import { AwsWorkloadDoor } from '../../live/aws-workload-door.ts';
import { openCli, type BedCli } from './bed-cli.ts';
import { bedClientSettings, type BedClients } from './bed-clients.ts';
import { PRINCIPALS, type PrincipalName } from './bed-principals.ts';
import { BED_ENVIRONMENT } from './bed-workspace.ts';
import { openFunctionUrlDoor, type Behind, type FunctionUrlDoor } from './function-url-door.ts';

/** The ways in, each as somebody. */
export interface BedDoors {
  /** The command line's way to the functions. */
  readonly as: (name: PrincipalName) => Connection;
  /** A dependent's way to the vault and to the endpoint. */
  readonly doorOf: (name: PrincipalName) => AwsWorkloadDoor;
  /** The way to the broker of whoever signs, for themselves or for whom a token names. Throws where nothing can be leased. */
  readonly brokerOf: (name: PrincipalName, actingFor?: TokenSource) => AccessConnection;
  /** The way to the broker of whoever has a token. Throws where none is taken. */
  readonly brokerBy: (token: TokenSource) => AccessConnection;
  /** The command line, as a process of its own. */
  readonly cli: BedCli;
  close(): Promise<void>;
}

const operate = functionName(BED_ENVIRONMENT, 'operate');
const acknowledge = functionName(BED_ENVIRONMENT, 'acknowledge');

const brokerAt = (qualifier: string): Behind => ({
  functionName: functionName(BED_ENVIRONMENT, 'grant-lease'),
  qualifier,
});
const BROKER = { signed: brokerAt(ACCESS_ALIASES.signed), tokens: brokerAt(ACCESS_ALIASES.tokens) } as const;

/** The URLs of the broker that there are: none where nothing can be leased, and one for tokens where they are taken. */
function brokerUrls(inventory: Inventory): readonly Behind[] {
  if (!hasLeases(inventory)) return [];
  const takesTokens = accessOf(inventory).issuers.some(({ use }) => use === 'caller');
  return takesTokens ? [BROKER.signed, BROKER.tokens] : [BROKER.signed];
}

const URLS = [
  { functionName: acknowledge },
  { functionName: functionName(BED_ENVIRONMENT, 'report') },
  ...['live', ...GUARDED_ORDERS].map((qualifier) => ({ functionName: operate, qualifier })),
];

/** What was deployed, and the way to it. */
interface DoorWays {
  readonly proxyUrl: string;
  readonly folder: string;
  readonly workspace: Workspace;
  readonly inventory: Inventory;
}

/** Opens them once everything is deployed. */
export async function openDoors({ lambda }: BedClients, ways: DoorWays): Promise<BedDoors> {
  const { proxyUrl, inventory } = ways;
  const ofBroker = brokerUrls(inventory);
  const door = await openFunctionUrlDoor(lambda, [...URLS, ...ofBroker]);
  const cli = await openCli({
    ...ways,
    door,
    ...(ofBroker.includes(BROKER.tokens) ? { brokerUrl: door.urlOf(BROKER.tokens) } : {}),
  });
  const connections = new Map<PrincipalName, Connection>();
  const connect = (name: PrincipalName): Connection => {
    const connection = connections.get(name) ?? connectionAs(name, proxyUrl, door);
    connections.set(name, connection);
    return connection;
  };
  return {
    cli,
    as: connect,
    doorOf: (name) =>
      new AwsWorkloadDoor({
        environment: BED_ENVIRONMENT,
        region: BED_REGION,
        credentials: PRINCIPALS[name],
        acknowledgeUrl: door.urlOf({ functionName: acknowledge }),
        fetch: door.fetch,
        endpoint: proxyUrl,
      }),
    brokerOf: (name, actingFor) => {
      const { accessKeyId, secretAccessKey } = PRINCIPALS[name];
      return signedAccess({
        broker: door.loopbackOf(BROKER.signed),
        region: BED_REGION,
        credentials: () => Promise.resolve({ accessKeyId, secretAccessKey }),
        ...(actingFor ? { actingFor } : {}),
      });
    },
    brokerBy: (token) => tokenAccess({ broker: door.loopbackOf(BROKER.tokens), token }),
    close: async () => {
      await cli.close();
      await door.close();
    },
  };
}

/** The command line's connection, unchanged, with credentials and the way through the door given. */
function connectionAs(name: PrincipalName, proxyUrl: string, door: FunctionUrlDoor): Connection {
  const settings = { ...bedClientSettings(proxyUrl), credentials: PRINCIPALS[name] };
  return awsConnection({
    stage: { environment: BED_ENVIRONMENT, account: BED_ACCOUNT, region: BED_REGION },
    lambda: new LambdaClient(settings),
    vault: secretsManagerVault(new SecretsManagerClient(settings)),
    fetch: door.fetch,
    newId: randomUUID,
    timeouts: { orderSeconds: 130, querySeconds: 60 },
  });
}
