import { SchedulerClient } from '@aws-sdk/client-scheduler';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scheduleName } from '../../lambdas/adapters/scheduler-timer/schedule-name.ts';
import { fireAt, schedulerTimer } from '../../lambdas/adapters/scheduler-timer/scheduler-timer.ts';
import type { LockstepEvent } from '../../lambdas/core/events.ts';
import type { Timer } from '../../lambdas/core/ports/timer.ts';
import { clientOf } from './doubles/http-double.ts';
import {
  schedulerDouble,
  schedulerRefusal,
  type Schedule,
  type SchedulerDouble,
} from './doubles/scheduler.ts';

const GROUP = 'lockstep-staging';
const event: LockstepEvent = {
  id: 'e1',
  type: 'rotation.advanced',
  at: '2026-11-24T09:00:00.000Z',
  environment: 'staging',
  detail: { credential: 'vector-store', rotation: 'r1' },
};
const names = {
  group: GROUP,
  busArn: 'arn:aws:events:us-east-1:111122223333:event-bus/lockstep-staging',
  roleArn: 'arn:aws:iam::111122223333:role/lockstep/staging/lockstep-staging-timer',
  deadLetterArn: 'arn:aws:sqs:us-east-1:111122223333:lockstep-staging-timer-dead',
};

let aws: SchedulerDouble;
let timer: Timer;
const now = new Date('2026-11-24T09:00:30.000Z');

beforeEach(async () => {
  aws = await schedulerDouble(GROUP);
  timer = schedulerTimer({ client: new SchedulerClient(clientOf(aws)), clock: () => now, ...names });
});
afterEach(() => aws.close());

const only = (): Schedule => {
  const [schedule] = [...aws.schedules.values()];
  if (!schedule || aws.schedules.size > 1) throw new Error(`${aws.schedules.size} schedules`);
  const { token: _token, ...rest } = schedule;
  return rest;
};

describe('scheduling', () => {
  it('puts the event on the bus once, at the minute after it is due, and forgets the schedule', async () => {
    await timer.schedule('advance#vector-store', '2026-11-24T10:15:20.500Z', event);
    expect(only()).toEqual({
      GroupName: GROUP,
      ScheduleExpression: 'at(2026-11-24T10:16:00)',
      ScheduleExpressionTimezone: 'UTC',
      FlexibleTimeWindow: { Mode: 'OFF' },
      ActionAfterCompletion: 'DELETE',
      State: 'ENABLED',
      Target: {
        Arn: names.busArn,
        RoleArn: names.roleArn,
        EventBridgeParameters: { Source: 'lockstep', DetailType: 'rotation.advanced' },
        Input: JSON.stringify(event),
        RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
        DeadLetterConfig: { Arn: names.deadLetterArn },
      },
    });
  });

  it('replaces what was scheduled under the same id', async () => {
    await timer.schedule('advance#vector-store', '2026-11-24T10:15:00.000Z', event);
    await timer.schedule('advance#vector-store', '2026-11-24T12:00:00.000Z', { ...event, id: 'e2' });
    expect(only()).toMatchObject({
      ScheduleExpression: 'at(2026-11-24T12:00:00)',
      Target: { Input: JSON.stringify({ ...event, id: 'e2' }) },
    });
  });

  it('makes a new one where the old one fired and was deleted while it was being replaced', async () => {
    await timer.schedule('x', '2026-11-24T10:15:00.000Z', event);
    aws.fail({ method: 'PUT', answer: () => aws.schedules.clear() });
    await timer.schedule('x', '2026-11-24T12:00:00.000Z', event);
    expect(only()).toMatchObject({ ScheduleExpression: 'at(2026-11-24T12:00:00)' });
    expect(aws.requests.map(({ method }) => method)).toEqual(['POST', 'POST', 'PUT', 'POST']);
  });

  it('keeps ids apart, also those that look alike', async () => {
    await timer.schedule('a#b', '2026-11-24T10:15:00.000Z', event);
    await timer.schedule('a-b', '2026-11-24T10:15:00.000Z', event);
    expect(aws.schedules.size).toBe(2);
  });
});

describe('scheduling in trouble', () => {
  it('is scheduled once when the answer is lost: the SDK repeats it with the same token', async () => {
    aws.fail({ method: 'POST', answer: 'lose' });
    await timer.schedule('x', '2026-11-24T10:15:00.000Z', event);
    expect(aws.requests.map(({ method }) => method)).toEqual(['POST', 'POST']);
    expect(only()).toMatchObject({ ScheduleExpression: 'at(2026-11-24T10:15:00)' });
  });

  it('says TIMER_UNAVAILABLE when it cannot be done, without the text of AWS', async () => {
    aws.fail({ method: 'POST', answer: schedulerRefusal(402, 'ServiceQuotaExceededException') });
    await expect(timer.schedule('x', '2026-11-24T10:15:00.000Z', event)).rejects.toMatchObject({
      code: 'TIMER_UNAVAILABLE',
      message: expect.not.stringContaining('said') as string,
    });
  });

  it('gives up when somebody replaces the same timer all the time', async () => {
    await timer.schedule('x', '2026-11-24T10:15:00.000Z', event);
    for (let time = 0; time < 3; time += 1)
      aws.fail({ method: 'PUT', answer: schedulerRefusal(409, 'ConflictException') });
    await expect(timer.schedule('x', '2026-11-24T12:00:00.000Z', event)).rejects.toMatchObject({
      code: 'TIMER_UNAVAILABLE',
    });
  });
});

describe('cancelling', () => {
  it('takes the schedule away, and is content where there is none', async () => {
    await timer.schedule('x', '2026-11-24T10:15:00.000Z', event);
    await timer.cancel('x');
    await timer.cancel('x');
    expect(aws.schedules.size).toBe(0);
  });

  it('says TIMER_UNAVAILABLE when Scheduler refuses', async () => {
    aws.fail({ method: 'DELETE', answer: schedulerRefusal(403, 'AccessDeniedException') });
    await expect(timer.cancel('x')).rejects.toMatchObject({ code: 'TIMER_UNAVAILABLE' });
  });
});

describe('the time', () => {
  it('is never before it is due, never in the past, always a whole minute, and less than two minutes late', () => {
    const instants = fc.date({
      min: new Date('2026-01-01T00:00:00Z'),
      max: new Date('2036-01-01T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instants, instants, (due, at) => {
        const fires = Date.parse(`${fireAt(due.toISOString(), at)}Z`);
        expect(fires).toBeGreaterThanOrEqual(due.getTime());
        expect(fires).toBeGreaterThan(at.getTime());
        expect(fires % 60_000).toBe(0);
        expect(fires - Math.max(due.getTime(), at.getTime())).toBeLessThan(120_000);
      }),
    );
  });
});

/** Every code point there is, lone surrogates included. */
const anyCharacter = fc.integer({ min: 0, max: 0x10ffff }).map((point) => String.fromCodePoint(point));

it('makes a name that Scheduler takes of any id, and another one of another id', () => {
  const id = fc.string({ unit: anyCharacter, minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(id, id, (one, other) => {
      expect(scheduleName(one)).toMatch(/^[0-9a-zA-Z-_.]{1,64}$/);
      expect(scheduleName(one) === scheduleName(other)).toBe(one === other);
    }),
  );
});
