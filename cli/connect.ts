import { worldFolder } from '../embedded/world/world-folder.ts';
import { PROVE_ALIAS } from '../lambdas/contracts/lease-request.ts';
import { functionName, leaseFunction } from '../lambdas/contracts/names.ts';
import type { NewId } from '../lambdas/core/ports/ids.ts';
import type { Connection } from './connection/connection.ts';
import { openEmbedded } from './connection/open-embedded.ts';
import type { Timeouts } from './connection/socket-connection.ts';
import type { Place } from './surroundings.ts';
import { findStage } from './workspace/find-stage.ts';
import { inventoryFor } from './workspace/inventory-for.ts';

/** What connecting needs from outside. */
export interface ConnectOptions {
  /** Who gives orders on this machine, for the record. On AWS it is who IAM says. */
  readonly operator: string;
  readonly newId: NewId;
  readonly loadWorkspace: (folder: string) => Promise<unknown>;
}

/** A target that is slow to answer is waited for; a runtime on this machine answers at once or hangs. */
const LOCAL_TIMEOUTS: Timeouts = { orderSeconds: 180, querySeconds: 30 };
/** A little more than the functions may take. */
const AWS_TIMEOUTS: Timeouts = { orderSeconds: 620, querySeconds: 310 };

/** Opens the way to the pipeline that is meant. What it needs is loaded then, and not before. */
export async function connect(options: ConnectOptions, place: Place): Promise<Connection> {
  return place.stage === undefined ? connectHere(options, place) : connectAws(options, place, place.stage);
}

function connectHere({ operator, newId, loadWorkspace }: ConnectOptions, place: Place): Promise<Connection> {
  const folder = worldFolder(place.folder);
  const openFiles = async (): Promise<Connection> => {
    const workspace = await loadWorkspace(place.folder);
    const { folderConnection } = await import('./connection/folder-connection.ts');
    return folderConnection({ folder, workspace, operator, newId });
  };
  const timeouts = place.timeouts ?? LOCAL_TIMEOUTS;
  return openEmbedded({ folder, operator, timeouts, ...(place.onlyRunning ? {} : { openFiles }) });
}

async function connectAws(
  { newId, loadWorkspace }: ConnectOptions,
  place: Place,
  environment: string,
): Promise<Connection> {
  const workspace = await loadWorkspace(place.folder);
  const stage = findStage(workspace, environment);
  const [
    { LambdaClient },
    { SecretsManagerClient },
    { secretsManagerVault },
    { storeSettings },
    { awsConnection },
    { lambdaLeaseFunctions },
  ] = await Promise.all([
    import('@aws-sdk/client-lambda'),
    import('@aws-sdk/client-secrets-manager'),
    import('../lambdas/adapters/secrets-manager-vault/secrets-manager-vault.ts'),
    import('../lambdas/shell/client-settings.ts'),
    import('./connection/aws-connection.ts'),
    import('../lambdas/adapters/lambda-lease-functions/lambda-lease-functions.ts'),
  ]);
  const settings = { ...storeSettings(), region: stage.region };
  const lambda = new LambdaClient(settings);
  const vault = secretsManagerVault(new SecretsManagerClient(settings));
  return awsConnection({
    stage,
    lambda,
    vault,
    supplies: {
      vault,
      leases: lambdaLeaseFunctions({
        client: lambda,
        // Whoever supplies may have a value proved, and nothing leased.
        functionOf: (kind) => `${functionName(environment, leaseFunction(kind))}:${PROVE_ALIAS}`,
      }),
      inventory: () => inventoryFor(workspace, environment),
    },
    fetch: (input, init) => fetch(input, init),
    newId,
    timeouts: place.timeouts ?? AWS_TIMEOUTS,
  });
}
