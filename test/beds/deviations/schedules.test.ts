import { CreateScheduleCommand, SchedulerClient, type Target } from '@aws-sdk/client-scheduler';
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { startClockedMinistack, type ClockedBed } from '../launch/clocked-ministack.ts';
import { BED_ACCOUNT, BED_REGION } from '../launch/ministack.ts';
import { clientAt, uniqueName } from '../ports/bed-client.ts';
import { makeQueue, type BedQueue } from '../ports/bed-queues.ts';
import { itDeviates } from './it-deviates.ts';
import { outcomeOf } from './outcome-of.ts';
import { deviation } from './table.ts';

let bed: ClockedBed;
beforeAll(async () => {
  bed = await startClockedMinistack();
});
afterAll(() => bed.stop());

const RoleArn = `arn:aws:iam::${BED_ACCOUNT}:role/schedules`;
const at = (seconds: number): string =>
  `at(${new Date(bed.clock().getTime() + seconds * 1000).toISOString().slice(0, 19)})`;

/** Sets a schedule for an hour later. */
const schedule = (
  target: Omit<Target, 'RoleArn'>,
  besides: { readonly ClientToken?: string; readonly Name?: string } = {},
) =>
  new SchedulerClient(clientAt(bed.url)).send(
    new CreateScheduleCommand({
      Name: uniqueName('schedule'),
      ScheduleExpression: at(3600),
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { RoleArn, ...target },
      ...besides,
    }),
  );

/** What reaches a queue when an hour has passed; undefined where nothing comes. */
async function anHourLater(queue: BedQueue): Promise<string | undefined> {
  bed.move(3601);
  const request = new ReceiveMessageCommand({ QueueUrl: queue.url, WaitTimeSeconds: 2 });
  const { Messages: [message] = [] } = await new SQSClient(clientAt(bed.url)).send(request);
  return message?.Body;
}

const aQueue = (): Promise<BedQueue> => makeQueue(new SQSClient(clientAt(bed.url)), 'scheduled');

itDeviates(
  deviation('ministack-schedules-lose-the-source'),
  { bed: 'aws.scheduler, Scheduled Event', aws: 'lockstep, rotation.due' },
  async () => {
    const events = new EventBridgeClient(clientAt(bed.url));
    const EventBusName = uniqueName('bus');
    const { EventBusArn: Arn = '' } = await events.send(new CreateEventBusCommand({ Name: EventBusName }));
    const queue = await aQueue();
    const EventPattern = JSON.stringify({ account: [BED_ACCOUNT] });
    await events.send(new PutRuleCommand({ Name: 'all', EventBusName, EventPattern }));
    const Targets = [{ Id: 'Queue', Arn: queue.arn }];
    await events.send(new PutTargetsCommand({ Rule: 'all', EventBusName, Targets }));
    const EventBridgeParameters = { Source: 'lockstep', DetailType: 'rotation.due' };
    await schedule({ Arn, Input: '{}', EventBridgeParameters });
    const event = JSON.parse((await anHourLater(queue)) ?? '{}') as Readonly<Record<string, unknown>>;
    return `${String(event['source'])}, ${String(event['detail-type'])}`;
  },
);

itDeviates(deviation('ministack-schedules-keep-placeholders'), { bed: true, aws: false }, async () => {
  const queue = await aQueue();
  await schedule({ Arn: queue.arn, Input: '{"at":"<aws.scheduler.scheduled-time>"}' });
  return ((await anHourLater(queue)) ?? '').includes('<aws.scheduler.scheduled-time>');
});

itDeviates(deviation('ministack-schedules-have-no-dead-letters'), { bed: undefined, aws: '{}' }, async () => {
  const deadLetters = await aQueue();
  const Arn = `arn:aws:sqs:${BED_REGION}:${BED_ACCOUNT}:no-such-queue`;
  await schedule({ Arn, Input: '{}', DeadLetterConfig: { Arn: deadLetters.arn } });
  return anHourLater(deadLetters);
});

itDeviates(
  deviation('ministack-schedules-forget-tokens'),
  { bed: 'ConflictException', aws: 'done' },
  async () => {
    const request = { Name: uniqueName('schedule'), ClientToken: randomUUID() };
    const target = { Arn: (await aQueue()).arn, Input: '{}' };
    await schedule(target, request);
    return outcomeOf(schedule(target, request));
  },
);
