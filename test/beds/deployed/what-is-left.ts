import { ListTablesCommand, ScanCommand, type ScanCommandOutput } from '@aws-sdk/client-dynamodb';
import { ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { GetObjectCommand, ListBucketsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { ListQueuesCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { BedClients } from './bed-clients.ts';

/** Everything that lies about after a run where people and other programs may look, by place. The vault is not among it. */
export async function whatIsLeft(clients: BedClients): Promise<ReadonlyMap<string, string>> {
  const functions = JSON.stringify(await clients.lambda.send(new ListFunctionsCommand({})));
  const all = [
    ...(await tablesOf(clients)),
    ...(await objectsOf(clients)),
    ...(await queuesOf(clients)),
    ['functions', functions] as const,
  ];
  return new Map(all.map(([name, text], index) => [`${index} ${name}`, text]));
}

type Places = readonly (readonly [string, string])[];

async function tablesOf({ tables }: BedClients): Promise<Places> {
  const { TableNames = [] } = await tables.send(new ListTablesCommand({}));
  const places: (readonly [string, string])[] = [];
  for (const TableName of TableNames) {
    let from: ScanCommandOutput['LastEvaluatedKey'];
    do {
      const page: ScanCommandOutput = await tables.send(
        new ScanCommand({ TableName, ...(from && { ExclusiveStartKey: from }) }),
      );
      places.push([`table ${TableName}`, JSON.stringify(page.Items ?? [])]);
      from = page.LastEvaluatedKey;
    } while (from);
  }
  return places;
}

async function objectsOf({ objects }: BedClients): Promise<Places> {
  const { Buckets = [] } = await objects.send(new ListBucketsCommand({}));
  const places: (readonly [string, string])[] = [];
  for (const { Name } of Buckets) {
    const { Contents = [] } = await objects.send(new ListObjectsV2Command({ Bucket: Name }));
    for (const { Key } of Contents) {
      const { Body } = await objects.send(new GetObjectCommand({ Bucket: Name, Key }));
      places.push([`object ${Name}/${Key}`, (await Body?.transformToString('latin1')) ?? '']);
    }
  }
  return places;
}

async function queuesOf({ sqs }: BedClients): Promise<Places> {
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
  return Promise.all(
    QueueUrls.map(async (url) => {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, VisibilityTimeout: 0 }),
      );
      return [`queue ${new URL(url).pathname}`, JSON.stringify(Messages)] as const;
    }),
  );
}
