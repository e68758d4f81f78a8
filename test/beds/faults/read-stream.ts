import { setTimeout as sleep } from 'node:timers/promises';

/** One record of a table's stream, in the form in which Lambda hands it to a function. */
export interface StreamRecord {
  readonly eventName: string;
  readonly dynamodb: Readonly<Record<string, unknown>> & {
    readonly NewImage?: Readonly<Record<string, unknown>>;
  };
}

/** Reads at least so many records of a table's stream, from its beginning, over all of its shards. */
export async function readStream(
  url: string,
  table: string,
  count: number,
): Promise<readonly StreamRecord[]> {
  const { Streams: streams } = await ask<{ readonly Streams: readonly { readonly StreamArn: string }[] }>(
    url,
    'ListStreams',
    { TableName: table },
  );
  const StreamArn = streams[0]?.StreamArn ?? '';
  for (;;) {
    const records = await readOnce(url, StreamArn);
    if (records.length >= count) return records;
    await sleep(50);
  }
}

async function readOnce(url: string, StreamArn: string): Promise<readonly StreamRecord[]> {
  const { StreamDescription: stream } = await ask<{
    readonly StreamDescription: { readonly Shards: readonly { readonly ShardId: string }[] };
  }>(url, 'DescribeStream', { StreamArn });
  const found: StreamRecord[] = [];
  for (const { ShardId } of stream.Shards) {
    const from = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' };
    let next = (await ask<{ readonly ShardIterator?: string }>(url, 'GetShardIterator', from)).ShardIterator;
    while (next !== undefined) {
      const page = await ask<Page>(url, 'GetRecords', { ShardIterator: next });
      found.push(...page.Records);
      // An open shard has always a next page, which is empty at its end.
      next = page.Records.length === 0 ? undefined : page.NextShardIterator;
    }
  }
  return found;
}

interface Page {
  readonly Records: readonly StreamRecord[];
  readonly NextShardIterator?: string;
}

/** The one API of DynamoDB that no function of ours calls: Lambda does it for them, so no client of it is installed. */
async function ask<T>(url: string, operation: string, input: unknown): Promise<T> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDBStreams_20120810.${operation}`,
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify(input),
  });
  if (!answer.ok) throw new TypeError(`${operation} of the stream: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}
