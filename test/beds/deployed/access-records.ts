import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { randomUUID } from 'node:crypto';
import { wholeSeconds, type AwsEvent } from '../../../embedded/default-bus/aws-event.ts';
import { foreignHandlersOf } from '../../../embedded/default-bus/foreign-handlers.ts';
import { accessRecord, type VaultCall } from '../../../embedded/vault/access-record.ts';
import { queueName } from '../../../lambdas/contracts/names.ts';
import { BED_ACCOUNT, BED_REGION } from '../launch/ministack.ts';
import type { AwsCall } from '../proxy/aws-call.ts';
import type { BedAnswer, Interceptor } from '../proxy/bed-proxy.ts';
import { bedQueueUrl } from './bed-clients.ts';
import { byAccessKey, functionRole } from './bed-principals.ts';
import { BED_ENVIRONMENT } from './bed-workspace.ts';
import { functionOf } from './recorder.ts';

const RECORDED: readonly string[] = [
  'DescribeSecret',
  'ListSecretVersionIds',
  'GetSecretValue',
  'PutSecretValue',
  'UpdateSecretVersionStage',
  'RotateSecret',
] satisfies readonly VaultCall[];

/**
 * CloudTrail's part, and that of the rules on the account's default bus: every call of Secrets Manager becomes a record
 * in the queues of the functions that a rule would deliver it to. The bed has no trail, takes no event of AWS's from
 * others, and fires no rule for reads; what its rules match is judged in ports/rule-patterns.
 */
export function accessRecords(sqs: SQSClient): Interceptor {
  return async (call, pass) => {
    const answer = await pass(call);
    if (call.service === 'secretsmanager' && RECORDED.includes(call.action)) await report(sqs, call, answer);
    return answer;
  };
}

async function report(sqs: SQSClient, call: AwsCall, answer: BedAnswer): Promise<void> {
  const detail = recordOf(call, answer);
  const event: AwsEvent = {
    version: '0',
    id: randomUUID(),
    'detail-type': 'AWS API Call via CloudTrail',
    source: 'aws.secretsmanager',
    account: BED_ACCOUNT,
    time: wholeSeconds(new Date()),
    region: BED_REGION,
    resources: [],
    detail,
  };
  for (const handler of foreignHandlersOf(event))
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: bedQueueUrl(queueName(BED_ENVIRONMENT, handler)),
        MessageBody: JSON.stringify(event),
      }),
    );
}

function recordOf(call: AwsCall, { status, body }: BedAnswer): Readonly<Record<string, unknown>> {
  const { SecretId, VersionId, VersionStage, ClientRequestToken, MoveToVersionId, RemoveFromVersionId } =
    call.parameters;
  const given = {
    secretId: SecretId,
    versionId: VersionId,
    versionStage: VersionStage,
    clientRequestToken: ClientRequestToken,
    moveToVersionId: MoveToVersionId,
    removeFromVersionId: RemoveFromVersionId,
  };
  const parameters = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const answered = status === 200 ? (JSON.parse(body.toString('utf8')) as { readonly ARN?: string }) : {};
  const record = accessRecord(
    {
      call: call.action as VaultCall,
      principal: principalOf(call),
      secretId: String(SecretId),
      parameters,
      response: call.action === 'GetSecretValue' ? null : { arn: answered.ARN },
    },
    undefined,
    {
      account: BED_ACCOUNT,
      region: BED_REGION,
      at: new Date(),
      eventId: randomUUID(),
      requestId: randomUUID(),
    },
  );
  if (status === 200) return record;
  const { __type: errorCode } = JSON.parse(body.toString('utf8')) as { readonly __type?: string };
  return { ...record, errorCode: errorCode ?? 'InternalServiceError', responseElements: null };
}

function principalOf({ application, accessKey }: AwsCall): string {
  const outside = byAccessKey(accessKey);
  if (outside) return outside.role;
  const name = functionOf(application);
  return name === undefined ? `arn:aws:iam::${BED_ACCOUNT}:role/nobody-known` : functionRole(name);
}
