import { CreateTopicCommand, DeleteTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { snsPager } from '../../../lambdas/adapters/sns-pager/sns-pager.ts';
import type { Pager } from '../../../lambdas/core/ports/pager.ts';
import { describePagerContract, type PagerUnderTest } from '../../ports/pager-contract.ts';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { clientAt, uniqueName } from './bed-client.ts';
import { makeQueue } from './bed-queues.ts';

/** A topic, and a queue that subscribes to it as on-call's receiver would. */
async function pagerAt(url: string): Promise<PagerUnderTest> {
  const [sns, sqs] = [new SNSClient(clientAt(url)), new SQSClient(clientAt(url))];
  const receiver = await makeQueue(sqs, 'receiver');
  const name = uniqueName('on-call');
  const open = async (): Promise<string> => {
    const { TopicArn: topicArn = '' } = await sns.send(new CreateTopicCommand({ Name: name }));
    await sns.send(
      new SubscribeCommand({
        TopicArn: topicArn,
        Protocol: 'sqs',
        Endpoint: receiver.arn,
        Attributes: { RawMessageDelivery: 'true' },
      }),
    );
    return topicArn;
  };
  const close = (topicArn: string): Promise<unknown> =>
    sns.send(new DeleteTopicCommand({ TopicArn: topicArn }));

  const topicArn = await open();
  const adapter = snsPager({ client: sns, topicArn });
  const received = new Set<string>();
  const plan = { isBroken: false };
  const pager: Pager = {
    page: async (page) => {
      const isBroken = plan.isBroken;
      plan.isBroken = false;
      if (isBroken) await close(topicArn);
      try {
        await adapter.page(page);
      } finally {
        if (isBroken) await open();
      }
      await receive(sqs, receiver.url, received);
    },
  };
  return {
    pager,
    // A receiver folds repeats by the id of the page.
    incidents: () => [...received],
    // The topic is gone when the next page is to be handed over, and made again afterwards.
    breakNext: () => void (plan.isBroken = true),
    cleanUp: async () => {
      await close(topicArn);
      await receiver.remove();
      for (const client of [sns, sqs]) client.destroy();
    },
  };
}

/** Takes the one message that a page makes. */
async function receive(client: SQSClient, QueueUrl: string, received: Set<string>): Promise<void> {
  const { Messages: messages = [] } = await client.send(
    new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }),
  );
  for (const { Body = '', ReceiptHandle } of messages) {
    received.add((JSON.parse(Body) as { readonly id: string }).id);
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  }
}

const { ministack, moto } = bedAddresses();

describePagerContract('SNS of MiniStack', () => pagerAt(ministack));
describePagerContract('SNS of moto', () => pagerAt(moto));
