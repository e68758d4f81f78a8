import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

interface Adapter {
  readonly folder: string;
  readonly file: string;
  readonly factory: string;
  readonly client?: { readonly from: string; readonly name: string };
}

const client = (service: string, name: string) => ({ from: `@aws-sdk/client-${service}`, name });
const dynamodb = client('dynamodb', 'DynamoDBClient');
const lambda = client('lambda', 'LambdaClient');

const ADAPTERS: readonly Adapter[] = [
  {
    folder: 'secrets-manager-vault',
    file: 'secrets-manager-vault',
    factory: 'secretsManagerVault',
    client: client('secrets-manager', 'SecretsManagerClient'),
  },
  { folder: 'dynamo-ledger', file: 'dynamo-ledger', factory: 'dynamoLedger', client: dynamodb },
  { folder: 'dynamo-ledger', file: 'dynamo-outbox', factory: 'dynamoOutbox', client: dynamodb },
  { folder: 'dynamo-audit-store', file: 'dynamo-audit-store', factory: 'dynamoAuditStore', client: dynamodb },
  {
    folder: 'eventbridge-bus',
    file: 'eventbridge-bus',
    factory: 'eventBridgeBus',
    client: client('eventbridge', 'EventBridgeClient'),
  },
  {
    folder: 'sqs-dead-letters',
    file: 'sqs-dead-letters',
    factory: 'sqsDeadLetters',
    client: client('sqs', 'SQSClient'),
  },
  {
    folder: 'scheduler-timer',
    file: 'scheduler-timer',
    factory: 'schedulerTimer',
    client: client('scheduler', 'SchedulerClient'),
  },
  { folder: 'lambda-targets', file: 'lambda-targets', factory: 'lambdaTargets', client: lambda },
  {
    folder: 'append-audit-client',
    file: 'append-audit-client',
    factory: 'appendAuditClient',
    client: lambda,
  },
  {
    folder: 's3-head-store',
    file: 's3-head-store',
    factory: 's3HeadStore',
    client: client('s3', 'S3Client'),
  },
  { folder: 'kms-signer', file: 'kms-signer', factory: 'kmsSigner', client: client('kms', 'KMSClient') },
  { folder: 'sns-pager', file: 'sns-pager', factory: 'snsPager', client: client('sns', 'SNSClient') },
];

/** Bundled as a handler is: one file, minified, for Node, with the SDK inside. */
async function bundled(
  source: string,
): Promise<{ readonly bytes: number; readonly inputs: readonly string[] }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: source, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    write: false,
    metafile: true,
    logLevel: 'error',
  });
  return { bytes: outputFiles[0]?.contents.length ?? 0, inputs: Object.keys(metafile.inputs) };
}

const floorOf = ({ from, name }: NonNullable<Adapter['client']>): string =>
  `import { ${name} } from '${from}'; export const client = new ${name}({});`;
const withAdapter = ({ folder, file, factory, client: of }: Adapter): string =>
  `${of ? floorOf(of) : ''} export { ${factory} } from './lambdas/adapters/${folder}/${file}.ts';`;

describe('a bundle', { timeout: 60_000 }, () => {
  it.each(ADAPTERS)('of $file weighs no more than 5 % over its client alone', async (adapter) => {
    if (!adapter.client) throw new Error('no client');
    const [floor, whole] = await Promise.all([
      bundled(floorOf(adapter.client)),
      bundled(withAdapter(adapter)),
    ]);
    expect(whole.bytes / floor.bytes).toBeLessThanOrEqual(1.05);
    expect(
      whole.inputs.filter((path) => /zod|lib-dynamodb|util-dynamodb|powertools|aws-cdk/.test(path)),
    ).toEqual([]);
  });

  it.each([
    ['emf-metrics/emf-metrics', 'emfMetrics', 12_000],
    ['dynamo-ledger/outbox-stream', 'parseOutboxStream', 8_000],
    ['inventory-file/inventory-file', 'readInventoryFile', 8_000],
  ] as const)('of %s, which needs no client, stays small', async (path, factory, limit) => {
    const { bytes } = await bundled(`export { ${factory} } from './lambdas/adapters/${path}.ts';`);
    expect(bytes).toBeLessThan(limit);
  });
});
