import { LambdaClient, GetFunctionUrlConfigCommand } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { awsConnection } from '../../cli/connection/aws-connection.ts';
import { findStage } from '../../cli/workspace/find-stage.ts';
import { secretsManagerVault } from '../../lambdas/adapters/secrets-manager-vault/secrets-manager-vault.ts';
import { formatProblems } from '../../lambdas/contracts/inventory/index.ts';
import { functionName } from '../../lambdas/contracts/names.ts';
import { storeSettings } from '../../lambdas/shell/client-settings.ts';
import { resolveEnvironments } from '../../lib/resolve-environments.ts';
import { AwsWorkloadDoor, type AwsWorkloadPlace } from './aws-workload-door.ts';
import type { DeployedWorld } from './the-whole-way-round.ts';
import { THROW_AWAY } from './throw-away-credential.ts';

/** A session of a role lasts at least this long, and the story about ten minutes. */
const SESSION_SECONDS = 3600;

/**
 * A real account as a world: the operator is whoever the environment's own AWS credentials say, the dependent is the
 * role of the workload `live-test`, which these credentials must be allowed to assume.
 */
export async function openAccount(workspace: unknown, environment: string): Promise<DeployedWorld> {
  const stage = findStage(workspace, environment);
  const settings = { ...storeSettings(), region: stage.region };
  const lambda = new LambdaClient(settings);
  const { FunctionUrl = '' } = await lambda.send(
    new GetFunctionUrlConfigCommand({ FunctionName: functionName(environment, 'acknowledge') }),
  );
  return {
    operator: awsConnection({
      stage,
      lambda,
      vault: secretsManagerVault(new SecretsManagerClient(settings)),
      fetch,
      newId: randomUUID,
      timeouts: { orderSeconds: 620, querySeconds: 310 },
    }),
    dependent: new AwsWorkloadDoor({
      environment,
      region: stage.region,
      credentials: await asWorkload(stage.region, roleOfThrowAway(workspace, environment)),
      acknowledgeUrl: FunctionUrl,
      fetch,
    }),
    say: (text) => console.log(`live: ${text}`),
    sleep: (milliseconds) => sleep(milliseconds),
  };
}

function roleOfThrowAway(workspace: unknown, environment: string): string {
  const { environments, problems } = resolveEnvironments(workspace);
  const declared = environments.find(({ inventory }) => inventory.environment === environment);
  if (!declared)
    throw new Error(
      `${environment} is not declared, or its inventory is refused:\n${formatProblems(problems)}`,
    );
  const workload = declared.inventory.workloads.find(({ name }) => name === THROW_AWAY);
  if (workload) return workload.principal;
  throw new Error(`${environment} declares no workload ${THROW_AWAY}: see docs/live-test.md`);
}

async function asWorkload(region: string, role: string): Promise<AwsWorkloadPlace['credentials']> {
  const { Credentials } = await new STSClient({ region }).send(
    new AssumeRoleCommand({
      RoleArn: role,
      RoleSessionName: 'lockstep-live-test',
      DurationSeconds: SESSION_SECONDS,
    }),
  );
  const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials ?? {};
  if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined)
    throw new Error(`STS gave no credentials of ${role}`);
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}
