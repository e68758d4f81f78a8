import {
  CreateScheduleCommand,
  DeleteScheduleCommand,
  UpdateScheduleCommand,
  type CreateScheduleCommandInput,
  type SchedulerClient,
} from '@aws-sdk/client-scheduler';
import { toBusEntry } from '../../contracts/bus-envelope.ts';
import { foreignName, LockstepError } from '../../core/errors.ts';
import type { LockstepEvent } from '../../core/events.ts';
import type { Timer } from '../../core/ports/timer.ts';
import type { Clock, Instant } from '../../core/time.ts';
import { scheduleName } from './schedule-name.ts';

/** What the timer needs from outside. */
export interface SchedulerTimerOptions {
  readonly client: SchedulerClient;
  readonly clock: Clock;
  /** The schedule group of this environment. */
  readonly group: string;
  /** The bus that the event is put on when its time has come. */
  readonly busArn: string;
  /** The role that Scheduler puts it as. */
  readonly roleArn: string;
  /** Where an event goes that Scheduler could not put. */
  readonly deadLetterArn: string;
}

const MINUTE = 60_000;

/** A schedule in the past never fires, so the nearest time is one that cannot have passed on the way. */
const MARGIN = 15_000;

/** Created by one, deleted by its own firing in between: more than twice around is not a race any more. */
const ATTEMPTS = 3;

/** `Timer` on one-time schedules of EventBridge Scheduler, which put the event on the bus and delete themselves. */
export function schedulerTimer(options: SchedulerTimerOptions): Timer {
  return {
    schedule: (id, at, event) => schedule(options, id, at, event),
    cancel: (id) => cancel(options, id),
  };
}

/**
 * When to fire. Scheduler is precise to the minute only: a schedule for 1:00 fires from 1:00:00 to 1:00:59
 * (https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html), so a time inside a minute is
 * put off to the next one. Late is allowed, early is not.
 */
export function fireAt(at: Instant, now: Date): string {
  const earliest = Math.max(Date.parse(at), now.getTime() + MARGIN);
  return new Date(Math.ceil(earliest / MINUTE) * MINUTE).toISOString().slice(0, 19);
}

async function schedule(
  options: SchedulerTimerOptions,
  id: string,
  at: Instant,
  event: LockstepEvent,
): Promise<void> {
  const { client } = options;
  let last: unknown;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const request = describeSchedule(options, id, at, event);
    try {
      await client.send(new CreateScheduleCommand(request));
      return;
    } catch (error) {
      if (foreignName(error) !== 'ConflictException') throw unavailable('schedule', id, error);
    }
    try {
      // There is one under this id: replace the whole of it.
      await client.send(new UpdateScheduleCommand(request));
      return;
    } catch (error) {
      last = error;
      // Not found: it has fired and deleted itself since. Conflict: somebody else is at it.
      if (!['ResourceNotFoundException', 'ConflictException'].includes(foreignName(error)))
        throw unavailable('schedule', id, error);
    }
  }
  throw unavailable('schedule', id, last);
}

function describeSchedule(
  { clock, group, busArn, roleArn, deadLetterArn }: SchedulerTimerOptions,
  id: string,
  at: Instant,
  event: LockstepEvent,
): CreateScheduleCommandInput {
  const { source, detailType, detail } = toBusEntry(event);
  return {
    Name: scheduleName(id),
    GroupName: group,
    ScheduleExpression: `at(${fireAt(at, clock())})`,
    ScheduleExpressionTimezone: 'UTC',
    FlexibleTimeWindow: { Mode: 'OFF' },
    ActionAfterCompletion: 'DELETE',
    State: 'ENABLED',
    Target: {
      Arn: busArn,
      RoleArn: roleArn,
      EventBridgeParameters: { Source: source, DetailType: detailType },
      Input: detail,
      RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
      DeadLetterConfig: { Arn: deadLetterArn },
    },
  };
}

async function cancel({ client, group }: SchedulerTimerOptions, id: string): Promise<void> {
  const request = new DeleteScheduleCommand({ Name: scheduleName(id), GroupName: group });
  await client.send(request).catch((error: unknown) => {
    if (foreignName(error) !== 'ResourceNotFoundException') throw unavailable('cancel', id, error);
  });
}

const unavailable = (action: string, id: string, error: unknown): LockstepError =>
  new LockstepError(
    'TIMER_UNAVAILABLE',
    `could not ${action} timer ${id} (${foreignName(error)}); unknown whether it happened, try again`,
    { cause: error },
  );
