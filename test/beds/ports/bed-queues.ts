import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { uniqueName } from './bed-client.ts';

/** A queue of its own for one test. */
export interface BedQueue {
  readonly url: string;
  readonly arn: string;
  readonly remove: () => Promise<void>;
}

/** Makes one. */
export async function makeQueue(
  client: SQSClient,
  what: string,
  attributes: Readonly<Record<string, string>> = {},
): Promise<BedQueue> {
  const made = await client.send(
    new CreateQueueCommand({ QueueName: uniqueName(what), Attributes: { ...attributes } }),
  );
  const url = made.QueueUrl ?? '';
  const asked = { QueueUrl: url, AttributeNames: ['QueueArn' as const] };
  const { Attributes: known } = await client.send(new GetQueueAttributesCommand(asked));
  const remove = async (): Promise<void> =>
    void (await client.send(new DeleteQueueCommand({ QueueUrl: url })));
  return { url, arn: known?.QueueArn ?? '', remove };
}
