import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  type EventBridgeClient,
} from '@aws-sdk/client-eventbridge';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { FunctionName } from '../../../lambdas/contracts/names.ts';
import { rulesFor } from '../../../lib/queues/routed-rules.ts';
import { uniqueName } from './bed-client.ts';
import { makeQueue, type BedQueue } from './bed-queues.ts';

/** One function's queue and the queue of what it gave up, fed by the rules that its stack would have. */
export interface FedQueue {
  readonly handler: FunctionName;
  readonly queue: BedQueue;
  readonly dead: BedQueue;
}

/** A bus, and behind it what `lib/queues` makes of the routes table. */
export interface FedQueues {
  readonly busName: string;
  readonly queues: readonly FedQueue[];
  readonly remove: () => Promise<void>;
}

/** How often a message is received before SQS gives it up. */
export const MAX_RECEIVES = 3;

/** Makes a bus, and for each handler its queues and rules. */
export async function feedQueues(
  clients: { readonly events: EventBridgeClient; readonly sqs: SQSClient },
  handlers: readonly FunctionName[],
): Promise<FedQueues> {
  const busName = uniqueName('bus');
  await clients.events.send(new CreateEventBusCommand({ Name: busName }));
  const fed = await Promise.all(handlers.map((handler) => feed(clients, busName, handler)));
  return {
    busName,
    queues: fed,
    remove: async () => {
      await Promise.all(fed.map(({ remove }) => remove()));
      await clients.events.send(new DeleteEventBusCommand({ Name: busName }));
    },
  };
}

async function feed(
  { events, sqs }: { readonly events: EventBridgeClient; readonly sqs: SQSClient },
  busName: string,
  handler: FunctionName,
): Promise<FedQueue & { readonly remove: () => Promise<void> }> {
  const dead = await makeQueue(sqs, `${handler}-dead`);
  const queue = await makeQueue(sqs, handler, {
    VisibilityTimeout: '30',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: MAX_RECEIVES }),
  });
  const rules = rulesFor(handler).filter(({ bus }) => bus === 'lockstep');
  for (const { id, when } of rules) {
    const rule = { Name: `${handler}-${id}`, EventBusName: busName };
    await events.send(new PutRuleCommand({ ...rule, EventPattern: JSON.stringify(when.eventPattern) }));
    const targets = [{ Id: 'Queue', Arn: queue.arn }];
    await events.send(new PutTargetsCommand({ EventBusName: busName, Rule: rule.Name, Targets: targets }));
  }
  const remove = async (): Promise<void> => {
    for (const { id } of rules) {
      const rule = { Rule: `${handler}-${id}`, EventBusName: busName };
      await events.send(new RemoveTargetsCommand({ ...rule, Ids: ['Queue'] }));
      await events.send(new DeleteRuleCommand({ Name: rule.Rule, EventBusName: busName }));
    }
    await Promise.all([queue.remove(), dead.remove()]);
  };
  return { handler, queue, dead, remove };
}
