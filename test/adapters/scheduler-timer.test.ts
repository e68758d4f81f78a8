import { SchedulerClient } from '@aws-sdk/client-scheduler';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scheduleName } from '../../lambdas/adapters/scheduler-timer/schedule-name.ts';
import { fireAt, schedulerTimer } from '../../lambdas/adapters/scheduler-timer/scheduler-timer.ts';
import type { LockstepEvent } from '../../lambdas/core/events.ts';
import type { Timer } from '../../lambdas/core/ports/timer.ts';
import {
  clientOf,
  httpDouble,
  type HttpDouble,
  type WireAnswer,
  type WireRequest,
} from './doubles/http-double.ts';

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

type Body = Readonly<Record<string, unknown>>;

let aws: HttpDouble;
let timer: Timer;
let schedules: Map<string, Body>;
let mishaps: { readonly method: string; readonly answer: WireAnswer | (() => void) }[];
let now: Date;

beforeEach(async () => {
  schedules = new Map();
  mishaps = [];
  now = new Date('2026-11-24T09:00:30.000Z');
  aws = await httpDouble('scheduler', serve);
  timer = schedulerTimer({ client: new SchedulerClient(clientOf(aws)), clock: () => now, ...names });
});
afterEach(() => aws.close());

const refusal = (status: number, code: string): WireAnswer => ({
  status,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': code },
  body: JSON.stringify({ Message: `said ${code}` }),
});

/** EventBridge Scheduler's REST interface for one group. */
function serve({ method, path, body, query }: WireRequest): WireAnswer {
  const name = /^\/schedules\/([0-9a-zA-Z-_.]{1,64})$/.exec(path)?.[1];
  if (name === undefined) throw new Error(`${method} ${path} is no schedule`);
  const at = mishaps.findIndex((mishap) => mishap.method === method);
  const mishap = at < 0 ? undefined : mishaps.splice(at, 1)[0]?.answer;
  if (mishap !== undefined && typeof mishap !== 'function' && mishap !== 'lose') return mishap;
  if (typeof mishap === 'function') mishap();
  const done = carryOut(method, name, body, query);
  return mishap === 'lose' ? 'lose' : done;
}

function carryOut(
  method: string,
  name: string,
  body: string,
  query: Readonly<Record<string, string>>,
): WireAnswer {
  if (method === 'DELETE') {
    if (query['groupName'] !== GROUP) throw new Error(`group ${query['groupName']}`);
    return schedules.delete(name) ? { status: 200, body: '{}' } : refusal(404, 'ResourceNotFoundException');
  }
  const { ClientToken: token, ...schedule } = JSON.parse(body) as Body;
  if (schedule['GroupName'] !== GROUP || typeof token !== 'string') throw new Error(`unexpected ${body}`);
  const existing = schedules.get(name);
  if (method === 'POST' && existing && existing['token'] !== token) return refusal(409, 'ConflictException');
  if (method === 'PUT' && !existing) return refusal(404, 'ResourceNotFoundException');
  schedules.set(name, { ...schedule, token });
  return { status: 200, body: JSON.stringify({ ScheduleArn: `arn:${name}` }) };
}

const only = (): Body => {
  const [schedule] = [...schedules.values()];
  if (!schedule || schedules.size > 1) throw new Error(`${schedules.size} schedules`);
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
    mishaps = [{ method: 'PUT', answer: () => schedules.clear() }];
    await timer.schedule('x', '2026-11-24T12:00:00.000Z', event);
    expect(only()).toMatchObject({ ScheduleExpression: 'at(2026-11-24T12:00:00)' });
    expect(aws.requests.map(({ method }) => method)).toEqual(['POST', 'POST', 'PUT', 'POST']);
  });

  it('keeps ids apart, also those that look alike', async () => {
    await timer.schedule('a#b', '2026-11-24T10:15:00.000Z', event);
    await timer.schedule('a-b', '2026-11-24T10:15:00.000Z', event);
    expect(schedules.size).toBe(2);
  });
});

describe('scheduling in trouble', () => {
  it('is scheduled once when the answer is lost: the SDK repeats it with the same token', async () => {
    mishaps = [{ method: 'POST', answer: 'lose' }];
    await timer.schedule('x', '2026-11-24T10:15:00.000Z', event);
    expect(aws.requests.map(({ method }) => method)).toEqual(['POST', 'POST']);
    expect(only()).toMatchObject({ ScheduleExpression: 'at(2026-11-24T10:15:00)' });
  });

  it('says TIMER_UNAVAILABLE when it cannot be done, without the text of AWS', async () => {
    mishaps = [{ method: 'POST', answer: refusal(402, 'ServiceQuotaExceededException') }];
    await expect(timer.schedule('x', '2026-11-24T10:15:00.000Z', event)).rejects.toMatchObject({
      code: 'TIMER_UNAVAILABLE',
      message: expect.not.stringContaining('said') as string,
    });
  });

  it('gives up when somebody replaces the same timer all the time', async () => {
    await timer.schedule('x', '2026-11-24T10:15:00.000Z', event);
    mishaps = Array.from({ length: 3 }, () => ({ method: 'PUT', answer: refusal(409, 'ConflictException') }));
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
    expect(schedules.size).toBe(0);
  });

  it('says TIMER_UNAVAILABLE when Scheduler refuses', async () => {
    mishaps = [{ method: 'DELETE', answer: refusal(403, 'AccessDeniedException') }];
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

it('makes a name that Scheduler takes of any id, and another one of another id', () => {
  const id = fc.string({ unit: 'binary', minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(id, id, (one, other) => {
      expect(scheduleName(one)).toMatch(/^[0-9a-zA-Z-_.]{1,64}$/);
      expect(scheduleName(one) === scheduleName(other)).toBe(one === other);
    }),
  );
});
