import { GetFunctionUrlConfigCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { randomUUID } from 'node:crypto';
import { awsConnection } from '../../../cli/connection/aws-connection.ts';
import type { Connection } from '../../../cli/connection/connection.ts';
import { secretsManagerVault } from '../../../lambdas/adapters/secrets-manager-vault/secrets-manager-vault.ts';
import { ACCESS_ALIASES } from '../../../lambdas/contracts/access-wire.ts';
import type { Workspace } from '../../../lambdas/contracts/inventory/index.ts';
import { functionName } from '../../../lambdas/contracts/names.ts';
import { GUARDED_ORDERS } from '../../../lambdas/contracts/orders.ts';
import { BED_ACCOUNT, BED_REGION } from '../launch/ministack.ts';
import { AwsWorkloadDoor } from '../../live/aws-workload-door.ts';
import { bedBroker, type BedBroker } from './bed-broker.ts';
import { openCli, type BedCli } from './bed-cli.ts';
import { bedClientSettings, type BedClients } from './bed-clients.ts';
import { PRINCIPALS, type PrincipalName } from './bed-principals.ts';
import { BED_ENVIRONMENT } from './bed-workspace.ts';
import { openFunctionUrlDoor, type FunctionUrlDoor } from './function-url-door.ts';

/** The ways in, each as somebody. */
export interface BedDoors {
  /** The command line's way to the functions. */
  readonly as: (name: PrincipalName) => Connection;
  /** A dependent's way to the vault and to the endpoint. */
  readonly doorOf: (name: PrincipalName) => AwsWorkloadDoor;
  /** A workload's or a person's way to the broker. Throws where nothing can be leased. */
  readonly brokerOf: (name: PrincipalName) => BedBroker;
  /** The command line, as a process of its own. */
  readonly cli: BedCli;
  close(): Promise<void>;
}

const operate = functionName(BED_ENVIRONMENT, 'operate');
const acknowledge = functionName(BED_ENVIRONMENT, 'acknowledge');

const broker = {
  functionName: functionName(BED_ENVIRONMENT, 'grant-lease'),
  qualifier: ACCESS_ALIASES.signed,
};

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
  /** Whether anything can be leased: there is a broker then. */
  readonly isLeasing: boolean;
}

/** Opens them once everything is deployed. */
export async function openDoors({ lambda }: BedClients, ways: DoorWays): Promise<BedDoors> {
  const { proxyUrl, isLeasing } = ways;
  const door = await openFunctionUrlDoor(lambda, isLeasing ? [...URLS, broker] : URLS);
  const urlOf = async (of: {
    readonly functionName: string;
    readonly qualifier?: string;
  }): Promise<string> => {
    const asked = { FunctionName: of.functionName, ...(of.qualifier && { Qualifier: of.qualifier }) };
    return (await lambda.send(new GetFunctionUrlConfigCommand(asked))).FunctionUrl ?? '';
  };
  const acknowledgeUrl = await urlOf({ functionName: acknowledge });
  const brokerUrl = isLeasing ? await urlOf(broker) : undefined;
  const cli = await openCli({ ...ways, door });
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
        acknowledgeUrl,
        fetch: door.fetch,
        endpoint: proxyUrl,
      }),
    brokerOf: (name) => {
      if (brokerUrl === undefined) throw new TypeError('nothing can be leased on this stage');
      return bedBroker({ url: brokerUrl, credentials: PRINCIPALS[name], fetch: door.fetch });
    },
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
