import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { BED_ACCOUNT, BED_REGION } from '../launch/ministack.ts';

/** Clients that reach the bed itself, past every recording and stand-in. */
export interface BedClients {
  readonly secrets: SecretsManagerClient;
  readonly lambda: LambdaClient;
  readonly events: EventBridgeClient;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly tables: DynamoDBClient;
  readonly objects: S3Client;
}

/** Settings of a client for the bed. */
export const bedClientSettings = (endpoint: string) => ({
  endpoint,
  region: BED_REGION,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

/** Makes them. */
export function bedClients(endpoint: string): BedClients {
  const settings = bedClientSettings(endpoint);
  return {
    secrets: new SecretsManagerClient(settings),
    lambda: new LambdaClient(settings),
    events: new EventBridgeClient(settings),
    sns: new SNSClient(settings),
    sqs: new SQSClient(settings),
    tables: new DynamoDBClient(settings),
    objects: new S3Client({ ...settings, forcePathStyle: true }),
  };
}

/** The address of a queue of the bed, by its name: the bed looks at the path alone. */
export const bedQueueUrl = (name: string): string => `http://127.0.0.1/${BED_ACCOUNT}/${name}`;
