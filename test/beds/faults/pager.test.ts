import { CreateTopicCommand, DeleteTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect } from 'vitest';
import { snsPager } from '../../../lambdas/adapters/sns-pager/sns-pager.ts';
import type { Page, Pager } from '../../../lambdas/core/ports/pager.ts';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { clientAt, uniqueName } from '../ports/bed-client.ts';
import { makeQueue } from '../ports/bed-queues.ts';
import { describeFaults, type FaultCase, type FaultsUnderTest } from './describe-faults.ts';
import { startFaultyBed } from './faulty-bed.ts';
import { impatient } from './impatient.ts';

interface PagerUnderFaults extends FaultsUnderTest {
  readonly pager: Pager;
  /** The ids of the pages in the messages that have come to on-call, repeats included. */
  readonly received: () => Promise<readonly string[]>;
}

const PAGE: Page = {
  id: 'breach-vector-store-2026',
  severity: 'critical',
  title: 'vector-store: breach mode',
  subject: 'vector-store',
  reasons: ['somebody declared a breach'],
  firstCommand: 'lockstep status vector-store',
  at: '2026-01-01T00:00:00.000Z',
};

async function pagerUnderFaults(isImpatient: boolean): Promise<PagerUnderFaults> {
  const { ministack } = bedAddresses();
  const bed = await startFaultyBed(ministack);
  const [sns, sqs] = [new SNSClient(clientAt(ministack)), new SQSClient(clientAt(ministack))];
  const { TopicArn: topicArn = '' } = await sns.send(new CreateTopicCommand({ Name: uniqueName('on-call') }));
  const queue = await makeQueue(sqs, 'receiver');
  const Attributes = { RawMessageDelivery: 'true' };
  await sns.send(
    new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: queue.arn, Attributes }),
  );
  const settings = clientAt(bed.url);
  const client = new SNSClient(isImpatient ? impatient(settings) : settings);
  const received = async (): Promise<readonly string[]> => {
    const request = { QueueUrl: queue.url, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 };
    const { Messages: messages = [] } = await sqs.send(new ReceiveMessageCommand(request));
    return messages.map(({ Body = '' }) => (JSON.parse(Body) as { readonly id: string }).id);
  };
  const cleanUp = async (): Promise<void> => {
    await sns.send(new DeleteTopicCommand({ TopicArn: topicArn }));
    await queue.remove();
    for (const each of [sns, sqs, client]) each.destroy();
    await bed.close();
  };
  return { bed, pager: snsPager({ client, topicArn }), received, cleanUp };
}

const CASES: readonly FaultCase<PagerUnderFaults>[] = [
  {
    name: 'a page',
    action: 'Publish',
    code: 'PAGER_UNAVAILABLE',
    attempts: 3,
    run: ({ pager }) => pager.page(PAGE),
    // At least once; a repeat carries the same id, by which receivers fold it.
    check: async ({ received }) => expect(new Set(await received())).toEqual(new Set([PAGE.id])),
  },
];

describeFaults('the pager', pagerUnderFaults, CASES);
