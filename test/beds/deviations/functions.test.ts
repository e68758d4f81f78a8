import { PutItemCommand, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateEventSourceMappingCommand,
  CreateFunctionUrlConfigCommand,
  DeleteEventSourceMappingCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe } from 'vitest';
import { LEDGER_TABLE } from '../../../lambdas/contracts/tables.ts';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { BED_REGION } from '../launch/ministack.ts';
import { clientAt } from '../ports/bed-client.ts';
import { archive, deployFunction } from '../ports/bed-function.ts';
import { makeQueue } from '../ports/bed-queues.ts';
import { makeTable } from '../ports/bed-tables.ts';
import { itDeviates } from './it-deviates.ts';
import { deviation } from './table.ts';

const { ministack } = bedAddresses();
const [lambda, sqs] = [new LambdaClient(clientAt(ministack)), new SQSClient(clientAt(ministack))];

describe('function URLs', () => {
  const ECHO = 'export const handler = async (event) => event.requestContext;';
  /** Calls a guarded URL with a signature that nobody made. */
  const call = async (): Promise<{ readonly status: number; readonly namesCaller: boolean }> => {
    const { functionName, remove } = await deployFunction(lambda, archive(ECHO));
    const { FunctionUrl: url = '' } = await lambda.send(
      new CreateFunctionUrlConfigCommand({ FunctionName: functionName, AuthType: 'AWS_IAM' }),
    );
    const credential = `nobody/20260101/${BED_REGION}/lambda/aws4_request`;
    const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=${'0'.repeat(64)}`;
    const id = new URL(url).hostname.split('.')[0];
    const answer = await fetch(`${ministack}/_aws/lambda-url/${id}/`, { headers: { authorization } });
    const context = (await answer.json()) as { readonly authorizer?: unknown };
    await remove();
    return { status: answer.status, namesCaller: context.authorizer !== undefined };
  };

  itDeviates(
    deviation('ministack-urls-check-no-signature'),
    { bed: 200, aws: 403 },
    async () => (await call()).status,
  );
  itDeviates(
    deviation('ministack-urls-name-no-caller'),
    { bed: false, aws: true },
    async () => (await call()).namesCaller,
  );
});

/** Tells a queue of each invocation, by SQS's own protocol, and fails. */
const TELL_AND_FAIL = `
export const handler = async () => {
  await fetch(process.env.AWS_ENDPOINT_URL, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AmazonSQS.SendMessage',
      authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/${BED_REGION}/sqs/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify({ QueueUrl: process.env.TOLD, MessageBody: 'invoked' }),
  });
  throw new Error('never');
};`;

describe('mappings of a stream', () => {
  const count = async (url: string): Promise<number> => {
    const request = { QueueUrl: url, AttributeNames: ['ApproximateNumberOfMessages' as const] };
    const { Attributes: known } = await sqs.send(new GetQueueAttributesCommand(request));
    return Number(known?.ApproximateNumberOfMessages ?? 0);
  };

  itDeviates(
    deviation('ministack-stream-mappings-never-give-up'),
    { bed: 'tries for ever', aws: 'gives up' },
    async () => {
      const [told, givenUp] = [await makeQueue(sqs, 'told'), await makeQueue(sqs, 'given-up')];
      const { client, table, remove } = await makeTable(ministack, LEDGER_TABLE);
      const { TableDescription: streaming } = await client.send(
        new UpdateTableCommand({
          TableName: table,
          StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
        }),
      );
      const code = archive(TELL_AND_FAIL);
      const { functionName, remove: removeFunction } = await deployFunction(lambda, code, { TOLD: told.url });
      const { UUID } = await lambda.send(
        new CreateEventSourceMappingCommand({
          FunctionName: functionName,
          EventSourceArn: streaming?.LatestStreamArn,
          StartingPosition: 'TRIM_HORIZON',
          BisectBatchOnFunctionError: true,
          MaximumRetryAttempts: 1,
          DestinationConfig: { OnFailure: { Destination: givenUp.arn } },
        }),
      );
      await client.send(new PutItemCommand({ TableName: table, Item: { pk: { S: 'p' }, sk: { S: 's' } } }));
      // One attempt and one repeat are allowed; a third says that nobody counts.
      let outcome: string | undefined;
      while (outcome === undefined) {
        await sleep(100);
        if ((await count(givenUp.url)) > 0) outcome = 'gives up';
        else if ((await count(told.url)) > 2) outcome = 'tries for ever';
      }
      await lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
      await Promise.all([removeFunction(), remove(), told.remove(), givenUp.remove()]);
      return outcome;
    },
  );
});
