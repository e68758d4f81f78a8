import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  DescribeSecretCommand,
  InvalidParameterException,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { randomUUID } from 'node:crypto';
import { EVENT_SOURCE } from '../../../../lambdas/contracts/bus-envelope.ts';
import { secretName } from '../../../../lambdas/core/credential.ts';
import { BED_ENVIRONMENT } from '../bed-workspace.ts';
import type { DeployedStage } from '../open-stage.ts';

/** Asks for a rotation as a deployment does: by an event on the bus. */
export async function askByEvent({ clients }: DeployedStage, credential: string): Promise<void> {
  const at = new Date().toISOString();
  const detail = {
    id: `deploy-${credential}-${at}`,
    type: 'rotation.due',
    at,
    environment: BED_ENVIRONMENT,
    detail: { credential, cause: 'deploy', requestId: `deploy ${at}` },
  };
  await clients.events.send(
    new PutEventsCommand({
      Entries: [
        {
          EventBusName: `lockstep-${BED_ENVIRONMENT}-bus`,
          Source: EVENT_SOURCE,
          DetailType: 'rotation.due',
          Detail: JSON.stringify(detail),
        },
      ],
    }),
  );
}

/** Registers a pending version without a value, as Secrets Manager does when a rotation begins. */
export async function putPending(
  { clients: { secrets } }: DeployedStage,
  credential: string,
): Promise<string> {
  const token = randomUUID();
  await secrets.send(
    new PutSecretValueCommand({
      SecretId: secretName(BED_ENVIRONMENT, credential),
      ClientRequestToken: token,
      VersionStages: ['AWSPENDING'],
    }),
  );
  return token;
}

/**
 * Secrets Manager begins a rotation of its own while another one is not over: its native schedule, which is only a
 * backstop. Answers whether the function refused the first step.
 */
export async function backstopIsRefused(stage: DeployedStage, credential: string): Promise<boolean> {
  const { clients, rotations } = stage;
  const secretId = await secretArn(stage, credential);
  const token = await putPending(stage, credential);
  const refused = await rotations.invoke({ step: 'createSecret', secretId, token }).then(
    () => false,
    () => true,
  );
  await clients.secrets
    .send(
      new UpdateSecretVersionStageCommand({
        SecretId: secretId,
        VersionStage: 'AWSPENDING',
        RemoveFromVersionId: token,
      }),
    )
    // Reconcile may have seen it first.
    .catch((error: unknown) => {
      if (!(error instanceof InvalidParameterException)) throw error;
    });
  return refused;
}

/** The ARN of a credential's secret. */
export const secretArn = async ({ clients }: DeployedStage, credential: string): Promise<string> =>
  (
    await clients.secrets.send(
      new DescribeSecretCommand({ SecretId: secretName(BED_ENVIRONMENT, credential) }),
    )
  ).ARN ?? '';
