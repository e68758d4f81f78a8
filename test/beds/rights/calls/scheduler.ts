import { NotUnderstood } from '../../../rights/not-understood.ts';
import { asker, type Asked } from '../asked.ts';
import { nameOf, textIn, thingIn } from '../recorded-call.ts';
import { find, type Site } from '../site-of.ts';
import { throughKms } from '../through-kms.ts';
import { mayPut } from './events.ts';
import type { Translation } from './translation.ts';

/** What a schedule does when its time has come, in the words of Scheduler. */
export interface ScheduleTarget {
  readonly Arn: string;
  readonly RoleArn: string;
  readonly EventBridgeParameters: { readonly Source: string; readonly DetailType: string };
  readonly DeadLetterConfig?: { readonly Arn: string };
}

const PASSES = 'https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html';
const TRUSTS =
  'https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html';
const KEEPS = 'https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html';
const PUTS = 'https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html';

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridgescheduler.html */
export const schedulerCalls: Translation = (call, { site, role }) => {
  const { action } = call;
  if (!['CreateSchedule', 'UpdateSchedule', 'DeleteSchedule'].includes(action))
    throw new NotUnderstood(`${nameOf(call)} is not described`);
  const group = textIn(call, 'GroupName', 'groupName');
  const schedule = site.arn('scheduler', `schedule/${group}/${textIn(call, 'Name')}`);
  const itself = asker(role, site.account)(`scheduler:${action}`, schedule);
  if (action === 'DeleteSchedule') return [itself];
  const target = thingIn(call, 'Target') as unknown as ScheduleTarget;
  const passes = asker(role, site.account, PASSES);
  return [
    itself,
    passes('iam:PassRole', target.RoleArn, { 'iam:PassedToService': 'scheduler.amazonaws.com' }),
    ...whenItFires(site, group, target),
  ];
};

/** What Scheduler asks when the time has come: it takes on the role, puts the event, and keeps it where that fails. */
export function whenItFires(site: Site, group: string, target: ScheduleTarget): readonly Asked[] {
  const { Arn: bus, RoleArn: role, EventBridgeParameters: event, DeadLetterConfig: dead } = target;
  const assumes = asker('service:scheduler.amazonaws.com', site.account, TRUSTS);
  return [
    assumes('sts:AssumeRole', role, {
      'aws:SourceAccount': site.account,
      'aws:SourceArn': site.arn('scheduler', `schedule-group/${group}`),
    }),
    mayPut({ site }, role, bus, [event], PUTS),
    ...(dead === undefined ? [] : keeps(site, role, dead.Arn)),
  ];
}

function keeps(site: Site, role: string, queueArn: string): readonly Asked[] {
  const queue = find(site.queues, queueArn, 'queue');
  return [
    asker(role, site.account, KEEPS)('sqs:SendMessage', queue.arn),
    ...throughKms(site, role, 'sqs', queue, 'write'),
  ];
}
