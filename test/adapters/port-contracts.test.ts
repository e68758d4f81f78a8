import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { appendAuditClient } from '../../lambdas/adapters/append-audit-client/append-audit-client.ts';
import { dynamoAuditStore } from '../../lambdas/adapters/dynamo-audit-store/dynamo-audit-store.ts';
import { dynamoLedger } from '../../lambdas/adapters/dynamo-ledger/dynamo-ledger.ts';
import { dynamoOutbox } from '../../lambdas/adapters/dynamo-ledger/dynamo-outbox.ts';
import { emfMetrics } from '../../lambdas/adapters/emf-metrics/emf-metrics.ts';
import { kmsSigner } from '../../lambdas/adapters/kms-signer/kms-signer.ts';
import { s3HeadStore } from '../../lambdas/adapters/s3-head-store/s3-head-store.ts';
import { schedulerTimer } from '../../lambdas/adapters/scheduler-timer/scheduler-timer.ts';
import { secretsManagerVault } from '../../lambdas/adapters/secrets-manager-vault/secrets-manager-vault.ts';
import { snsPager } from '../../lambdas/adapters/sns-pager/sns-pager.ts';
import { appendAudit } from '../../lambdas/append-audit/append-audit.ts';
import { auditEntry } from '../../lambdas/contracts/audit-shapes.ts';
import { fit } from '../../lambdas/contracts/check.ts';
import { parseEvent } from '../../lambdas/contracts/parse-event.ts';
import type { LockstepEvent } from '../../lambdas/core/events.ts';
import { answerInvocation } from '../../lambdas/shell/answer-invocation.ts';
import { createLog } from '../../lambdas/shell/log.ts';
import { countedIds } from '../fakes/counted-ids.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import {
  describeAuditAppenderContract,
  describeAuditStoreContract,
  describeHeadStoreContract,
  type AuditUnderTest,
} from '../ports/audit-contract.ts';
import { describeBusContract } from '../ports/bus-contract.ts';
import { describeLedgerContract } from '../ports/ledger-contract.ts';
import { describeMetricsContract } from '../ports/metrics-contract.ts';
import { describePagerContract } from '../ports/pager-contract.ts';
import { describeSignerContract } from '../ports/signer-contract.ts';
import { describeTimerContract } from '../ports/timer-contract.ts';
import { describeVaultContract } from '../ports/vault-contract.ts';
import { busOnAws } from './bus-on-aws.ts';
import { dynamoDouble } from './doubles/dynamodb.ts';
import { clientOf } from './doubles/http-double.ts';
import { kmsDouble } from './doubles/kms.ts';
import { lambdaDouble } from './doubles/lambda.ts';
import { s3Double } from './doubles/s3.ts';
import { schedulerDouble } from './doubles/scheduler.ts';
import { secretsManagerDouble } from './doubles/secrets-manager.ts';
import { snsDouble } from './doubles/sns.ts';

// The suites of the embedded world, unchanged, on the adapters for AWS between strict doubles of its services.

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describeVaultContract('Secrets Manager', async () => {
  const aws = await secretsManagerDouble();
  const name = 'lockstep/staging/vector-store';
  aws.declare(name);
  const vault = secretsManagerVault(new SecretsManagerClient(clientOf(aws)));
  return { vault, name, newToken: countedIds(1), cleanUp: () => aws.close() };
});

describeLedgerContract('DynamoDB', async () => {
  const aws = await dynamoDouble('ledger');
  const client = new DynamoDBClient(clientOf(aws));
  const ledger = dynamoLedger({
    client,
    table: 'ledger',
    newId: countedIds(2),
    random: () => 0.5,
    pause: turn,
  });
  return { ledger, outbox: dynamoOutbox({ client, table: 'ledger' }), cleanUp: () => aws.close() };
});

async function dynamoAudit(): Promise<AuditUnderTest> {
  const aws = await dynamoDouble('audit');
  const client = new DynamoDBClient(clientOf(aws));
  const store = dynamoAuditStore({ client, table: 'audit', newId: countedIds(3) });
  return { store, appender: appendAudit(store, turn), cleanUp: () => aws.close() };
}

describeAuditStoreContract('DynamoDB', dynamoAudit);

describeAuditAppenderContract('append-audit behind Lambda, over DynamoDB', async () => {
  const { store, appender, cleanUp } = await dynamoAudit();
  const lambda = await lambdaDouble();
  const log = createLog({ level: 'error', clock: () => new Date(0), write: () => undefined });
  lambda.plan({
    runs: (payload) =>
      answerInvocation(log, () => appender.append(fit(auditEntry, payload, 'MALFORMED_REQUEST', 'an entry'))),
  });
  const client = new LambdaClient(clientOf(lambda, 1));
  return {
    store,
    appender: appendAuditClient({
      client,
      functionName: 'append-audit',
      clock: () => new Date(),
      random: () => 0.5,
      pause: turn,
    }),
    cleanUp: async () => {
      await lambda.close();
      await cleanUp();
    },
  };
});

describeHeadStoreContract('S3', async () => {
  const aws = await s3Double('heads');
  const client = new S3Client({ ...clientOf(aws), forcePathStyle: true });
  const heads = s3HeadStore({ client, bucket: 'heads', prefix: 'heads/', clock: () => new Date(0) });
  return { heads, cleanUp: () => aws.close() };
});

describeSignerContract('KMS', async () => {
  const aws = await kmsDouble();
  return {
    signer: kmsSigner({ client: new KMSClient(clientOf(aws)), keyId: 'key' }),
    cleanUp: () => aws.close(),
  };
});

describeTimerContract('EventBridge Scheduler', async () => {
  const aws = await schedulerDouble('staging');
  const clock = new FakeClock();
  const fired: LockstepEvent[] = [];
  const timer = schedulerTimer({
    client: new SchedulerClient(clientOf(aws)),
    clock: clock.now,
    group: 'staging',
    busArn: 'arn:aws:events:us-east-1:111122223333:event-bus/lockstep-staging',
    roleArn: 'arn:aws:iam::111122223333:role/lockstep/staging/timer',
    deadLetterArn: 'arn:aws:sqs:us-east-1:111122223333:dead',
  });
  const pass = async (seconds: number): Promise<void> => {
    await clock.advance(seconds);
    fired.push(...aws.fireDue(clock.now()).map((input) => parseEvent(JSON.parse(input))));
  };
  // to the next whole minute, from a moment that cannot have passed on the way
  return { timer, clock: clock.now, fired, pass, lateness: 75, cleanUp: () => aws.close() };
});

describeMetricsContract('the embedded metric format', async () => {
  const lines: string[] = [];
  const metrics = emfMetrics({
    environment: 'staging',
    clock: () => new Date(0),
    write: (line) => void lines.push(line),
  });
  const published = async (): Promise<string> => {
    metrics.flush();
    return lines.join('\n');
  };
  return { metrics, published, cleanUp: async () => undefined };
});

describePagerContract('SNS', async () => {
  const aws = await snsDouble();
  const pager = snsPager({
    client: new SNSClient(clientOf(aws)),
    topicArn: 'arn:aws:sns:us-east-1:111122223333:x',
  });
  const ids = (): readonly string[] =>
    aws.taken.map((json) => (JSON.parse(json) as { readonly id: string }).id);
  return {
    pager,
    // a receiver folds repeats by the id of the page
    incidents: () => [...new Set(ids())],
    breakNext: () => aws.next('lose', 'lose', 'lose'),
    cleanUp: () => aws.close(),
  };
});

describeBusContract('EventBridge, SQS and the batch shell', busOnAws);
