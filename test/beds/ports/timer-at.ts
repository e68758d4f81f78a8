import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import {
  CreateScheduleCommand,
  CreateScheduleGroupCommand,
  DeleteScheduleGroupCommand,
  SchedulerClient,
} from '@aws-sdk/client-scheduler';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { schedulerTimer } from '../../../lambdas/adapters/scheduler-timer/scheduler-timer.ts';
import { parseEvent } from '../../../lambdas/contracts/parse-event.ts';
import type { LockstepEvent } from '../../../lambdas/core/events.ts';
import type { TimerUnderTest } from '../../ports/timer-contract.ts';
import type { ClockedBed } from '../launch/clocked-ministack.ts';
import { BED_ACCOUNT, BED_REGION } from '../launch/ministack.ts';
import { clientAt, uniqueName } from './bed-client.ts';
import { makeQueue, type BedQueue } from './bed-queues.ts';

/** A group of schedules, the bus that they put events on, and a queue behind a rule that takes everything. */
interface Timers {
  readonly group: string;
  readonly busArn: string;
  readonly queue: BedQueue;
  readonly remove: () => Promise<void>;
}

/** The adapter on a bed whose clock the test moves. */
export async function timerAt({ url, clock, move }: ClockedBed): Promise<TimerUnderTest> {
  const scheduler = new SchedulerClient(clientAt(url));
  const [events, sqs] = [new EventBridgeClient(clientAt(url)), new SQSClient(clientAt(url))];
  const { group, busArn, queue, remove } = await makeTimers(scheduler, events, sqs);
  const roleArn = `arn:aws:iam::${BED_ACCOUNT}:role/timers`;
  const fired: LockstepEvent[] = [];
  /** A schedule of our own for the moment to which the clock is moved: the bed fires it after all that are due by then. */
  const mark = async (at: Date): Promise<string> => {
    const name = uniqueName('mark');
    await scheduler.send(
      new CreateScheduleCommand({
        Name: name,
        GroupName: group,
        ScheduleExpression: `at(${at.toISOString().slice(0, 19)})`,
        FlexibleTimeWindow: { Mode: 'OFF' },
        ActionAfterCompletion: 'DELETE',
        Target: { Arn: busArn, RoleArn: roleArn, Input: JSON.stringify({ mark: name }) },
      }),
    );
    return name;
  };
  return {
    timer: schedulerTimer({
      client: scheduler,
      clock,
      group,
      busArn,
      roleArn,
      deadLetterArn: `arn:aws:sqs:${BED_REGION}:${BED_ACCOUNT}:timers-dead-letters`,
    }),
    clock,
    fired,
    pass: async (seconds) => {
      const name = await mark(new Date(clock().getTime() + seconds * 1000));
      move(seconds);
      for await (const detail of details(sqs, queue.url)) {
        if ((detail as { readonly mark?: string }).mark === name) return;
        fired.push(parseEvent(detail));
      }
    },
    // To the next whole minute, from a moment that cannot have passed on the way.
    lateness: 75,
    cleanUp: async () => {
      await remove();
      for (const client of [scheduler, events, sqs]) client.destroy();
    },
  };
}

async function makeTimers(
  scheduler: SchedulerClient,
  events: EventBridgeClient,
  sqs: SQSClient,
): Promise<Timers> {
  const [group, EventBusName, Rule] = [uniqueName('timers'), uniqueName('bus'), 'everything'];
  await scheduler.send(new CreateScheduleGroupCommand({ Name: group }));
  const { EventBusArn: busArn = '' } = await events.send(new CreateEventBusCommand({ Name: EventBusName }));
  const queue = await makeQueue(sqs, 'fired');
  const EventPattern = JSON.stringify({ account: [BED_ACCOUNT] });
  await events.send(new PutRuleCommand({ Name: Rule, EventBusName, EventPattern }));
  const Targets = [{ Id: 'Queue', Arn: queue.arn }];
  await events.send(new PutTargetsCommand({ Rule, EventBusName, Targets }));
  const remove = async (): Promise<void> => {
    await scheduler.send(new DeleteScheduleGroupCommand({ Name: group }));
    await events.send(new RemoveTargetsCommand({ Rule, EventBusName, Ids: ['Queue'] }));
    await events.send(new DeleteRuleCommand({ Name: Rule, EventBusName }));
    await events.send(new DeleteEventBusCommand({ Name: EventBusName }));
    await queue.remove();
  };
  return { group, busArn, queue, remove };
}

/** What reaches the queue, in order, for as long as it is asked for. */
async function* details(client: SQSClient, QueueUrl: string): AsyncGenerator<unknown, void, undefined> {
  for (;;) {
    const request = new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 2 });
    const { Messages: [message] = [] } = await client.send(request);
    if (!message) continue;
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
    yield (JSON.parse(message.Body ?? '') as { readonly detail: unknown }).detail;
  }
}
