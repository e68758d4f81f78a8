import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { appendAuditClient } from '../adapters/append-audit-client/append-audit-client.ts';
import { dynamoAuditStore } from '../adapters/dynamo-audit-store/dynamo-audit-store.ts';
import { dynamoLedger } from '../adapters/dynamo-ledger/dynamo-ledger.ts';
import { dynamoOutbox } from '../adapters/dynamo-ledger/dynamo-outbox.ts';
import { eventBridgeBus } from '../adapters/eventbridge-bus/eventbridge-bus.ts';
import { kmsSigner } from '../adapters/kms-signer/kms-signer.ts';
import { lambdaLeaseFunctions } from '../adapters/lambda-lease-functions/lambda-lease-functions.ts';
import { lambdaTargets } from '../adapters/lambda-targets/lambda-targets.ts';
import { s3HeadStore } from '../adapters/s3-head-store/s3-head-store.ts';
import { secretsManagerVault } from '../adapters/secrets-manager-vault/secrets-manager-vault.ts';
import { sqsDeadLetters, type DeadLetterQueue } from '../adapters/sqs-dead-letters/sqs-dead-letters.ts';
import { systemClock, systemNewId, systemPause, systemRandom } from '../adapters/system/system.ts';
import { fit, listOf, record, text } from '../contracts/check.ts';
import {
  APPEND_AUDIT_TIMEOUT_SECONDS,
  LEASE_TIMEOUT_SECONDS,
  TARGET_TIMEOUT_SECONDS,
} from '../contracts/function-timeouts.ts';
import {
  deadLetterQueueName,
  functionName,
  leaseFunction,
  queueName,
  targetFunction,
  type FunctionName,
} from '../contracts/names.ts';
import { countedAppender } from '../core/audit/counted-appender.ts';
import type { AuditAppender, AuditStore, HeadStore } from '../core/ports/audit.ts';
import type { Bus, DeadLetters } from '../core/ports/bus.ts';
import type { LeaseFunctions } from '../core/ports/lease-functions.ts';
import type { Ledger, Outbox } from '../core/ports/ledger.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import type { Signer } from '../core/ports/signer.ts';
import type { TargetFunctions } from '../core/ports/targets.ts';
import type { Vault } from '../core/ports/vault.ts';
import { invokeSettings, storeSettings } from './client-settings.ts';

/**
 * The ports on AWS, each from the variables that its function has. Wiring is written here once; what a
 * handler does not call is not in its bundle.
 */

const system = { clock: systemClock, newId: systemNewId, random: systemRandom, pause: systemPause };

export const wireLedger = ({ LEDGER_TABLE }: { readonly LEDGER_TABLE: string }): Ledger =>
  dynamoLedger({ client: new DynamoDBClient(storeSettings()), table: LEDGER_TABLE, ...system });

export const wireOutbox = ({ LEDGER_TABLE }: { readonly LEDGER_TABLE: string }): Outbox =>
  dynamoOutbox({ client: new DynamoDBClient(storeSettings()), table: LEDGER_TABLE });

export const wireVault = (): Vault => secretsManagerVault(new SecretsManagerClient(storeSettings()));

export const wireBus = ({ BUS }: { readonly BUS: string }): Bus =>
  eventBridgeBus({ client: new EventBridgeClient(storeSettings()), bus: BUS, ...system });

export const wireAppender = (
  { APPEND_AUDIT }: { readonly APPEND_AUDIT: string },
  metrics: Metrics,
): AuditAppender =>
  countedAppender(
    appendAuditClient({
      client: new LambdaClient(invokeSettings(APPEND_AUDIT_TIMEOUT_SECONDS)),
      functionName: APPEND_AUDIT,
      ...system,
    }),
    metrics,
    () => systemClock().getTime(),
  );

export const wireChains = ({ AUDIT_TABLE }: { readonly AUDIT_TABLE: string }): AuditStore =>
  dynamoAuditStore({ client: new DynamoDBClient(storeSettings()), table: AUDIT_TABLE, ...system });

export const wireHeads = (env: { readonly HEADS_BUCKET: string; readonly HEADS_PREFIX: string }): HeadStore =>
  s3HeadStore({
    client: new S3Client(storeSettings()),
    bucket: env.HEADS_BUCKET,
    prefix: env.HEADS_PREFIX,
    clock: systemClock,
  });

export const wireSigner = ({ SEAL_KEY }: { readonly SEAL_KEY: string }): Signer =>
  kmsSigner({ client: new KMSClient(storeSettings()), keyId: SEAL_KEY });

export const wireTargets = ({
  LOCKSTEP_ENVIRONMENT,
}: {
  readonly LOCKSTEP_ENVIRONMENT: string;
}): TargetFunctions =>
  lambdaTargets({
    client: new LambdaClient(invokeSettings(TARGET_TIMEOUT_SECONDS)),
    functionOf: (family) => functionName(LOCKSTEP_ENVIRONMENT, targetFunction(family)),
  });

export const wireLeaseFunctions = ({
  LOCKSTEP_ENVIRONMENT,
}: {
  readonly LOCKSTEP_ENVIRONMENT: string;
}): LeaseFunctions =>
  lambdaLeaseFunctions({
    client: new LambdaClient(invokeSettings(LEASE_TIMEOUT_SECONDS)),
    functionOf: (kind) => functionName(LOCKSTEP_ENVIRONMENT, leaseFunction(kind)),
  });

/** The queues of ours, by what is the same in all their addresses: in full they would not fit into a function's variables. */
interface QueuesAt {
  readonly urlPrefix: string;
  readonly arnPrefix: string;
  readonly handlers: readonly string[];
}

const queuesAt = record<QueuesAt>({ urlPrefix: text, arnPrefix: text, handlers: listOf(text) });

export const wireDeadLetters = (env: {
  readonly LOCKSTEP_ENVIRONMENT: string;
  readonly DEAD_LETTER_QUEUES: unknown;
}): DeadLetters =>
  sqsDeadLetters({
    client: new SQSClient(storeSettings()),
    queues: queuesOf(
      env.LOCKSTEP_ENVIRONMENT,
      fit(queuesAt, env.DEAD_LETTER_QUEUES, 'ENVIRONMENT_INVALID', 'DEAD_LETTER_QUEUES'),
    ),
  });

const queuesOf = (
  environment: string,
  { urlPrefix, arnPrefix, handlers }: QueuesAt,
): readonly DeadLetterQueue[] =>
  handlers.map((handler) => {
    const queue = queueName(environment, handler as FunctionName);
    const deadLetters = deadLetterQueueName(environment, handler as FunctionName);
    return {
      handler,
      queueUrl: urlPrefix + queue,
      queueArn: arnPrefix + queue,
      deadLetterUrl: urlPrefix + deadLetters,
      deadLetterArn: arnPrefix + deadLetters,
    };
  });
