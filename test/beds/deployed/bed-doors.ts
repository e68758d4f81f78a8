import { GetFunctionUrlConfigCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { randomUUID } from 'node:crypto';
import { awsConnection } from '../../../cli/connection/aws-connection.ts';
import type { Connection } from '../../../cli/connection/connection.ts';
import { secretsManagerVault } from '../../../lambdas/adapters/secrets-manager-vault/secrets-manager-vault.ts';
import { functionName } from '../../../lambdas/contracts/names.ts';
import { GUARDED_ORDERS } from '../../../lambdas/contracts/orders.ts';
import { BED_ACCOUNT, BED_REGION } from '../launch/ministack.ts';
import { AwsWorkloadDoor } from '../../live/aws-workload-door.ts';
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
  /** The command line, as a process of its own. */
  readonly cli: BedCli;
  close(): Promise<void>;
}

const operate = functionName(BED_ENVIRONMENT, 'operate');
const acknowledge = functionName(BED_ENVIRONMENT, 'acknowledge');

const URLS = [
  { functionName: acknowledge },
  { functionName: functionName(BED_ENVIRONMENT, 'report') },
  ...['live', ...GUARDED_ORDERS].map((qualifier) => ({ functionName: operate, qualifier })),
];

/** Opens them once everything is deployed. */
export async function openDoors({ lambda }: BedClients, proxyUrl: string, folder: string): Promise<BedDoors> {
  const door = await openFunctionUrlDoor(lambda, URLS);
  const { FunctionUrl = '' } = await lambda.send(
    new GetFunctionUrlConfigCommand({ FunctionName: acknowledge }),
  );
  const cli = await openCli({ folder, proxyUrl, door });
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
        acknowledgeUrl: FunctionUrl,
        fetch: door.fetch,
        endpoint: proxyUrl,
      }),
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
