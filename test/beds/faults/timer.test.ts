import {
  CreateScheduleGroupCommand,
  DeleteScheduleGroupCommand,
  GetScheduleCommand,
  ListSchedulesCommand,
  SchedulerClient,
} from '@aws-sdk/client-scheduler';
import { expect } from 'vitest';
import { scheduleName } from '../../../lambdas/adapters/scheduler-timer/schedule-name.ts';
import { schedulerTimer } from '../../../lambdas/adapters/scheduler-timer/scheduler-timer.ts';
import type { Timer } from '../../../lambdas/core/ports/timer.ts';
import { anAdvance } from '../../fakes/an-event.ts';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { BED_ACCOUNT, BED_REGION } from '../launch/ministack.ts';
import { clientAt, uniqueName } from '../ports/bed-client.ts';
import { describeFaults, type FaultCase, type FaultsUnderTest } from './describe-faults.ts';
import { startFaultyBed } from './faulty-bed.ts';
import { impatient } from './impatient.ts';

interface TimerUnderFaults extends FaultsUnderTest {
  readonly timer: Timer;
  /** The expressions of all schedules there are. */
  readonly schedules: () => Promise<readonly string[]>;
}

async function timerUnderFaults(isImpatient: boolean): Promise<TimerUnderFaults> {
  const { ministack } = bedAddresses();
  const bed = await startFaultyBed(ministack);
  const direct = new SchedulerClient(clientAt(ministack));
  const group = uniqueName('timers');
  await direct.send(new CreateScheduleGroupCommand({ Name: group }));
  const settings = clientAt(bed.url);
  const client = new SchedulerClient(isImpatient ? impatient(settings) : settings);
  const timer = schedulerTimer({
    client,
    clock: () => new Date(),
    group,
    busArn: `arn:aws:events:${BED_REGION}:${BED_ACCOUNT}:event-bus/default`,
    roleArn: `arn:aws:iam::${BED_ACCOUNT}:role/timers`,
    deadLetterArn: `arn:aws:sqs:${BED_REGION}:${BED_ACCOUNT}:timers`,
  });
  const schedules = async (): Promise<readonly string[]> => {
    const { Schedules: all = [] } = await direct.send(new ListSchedulesCommand({ GroupName: group }));
    const found = all.map(({ Name }) => direct.send(new GetScheduleCommand({ Name, GroupName: group })));
    return (await Promise.all(found)).map(({ ScheduleExpression: expression = '' }) => expression);
  };
  const cleanUp = async (): Promise<void> => {
    await direct.send(new DeleteScheduleGroupCommand({ Name: group }));
    direct.destroy();
    client.destroy();
    await bed.close();
  };
  return { bed, timer, schedules, cleanUp };
}

const ID = 'deadline-of-vector-store';
const [SOONER, LATER] = ['2099-01-01T00:00:00.000Z', '2099-02-01T00:00:00.000Z'];
const scheduled = (subject: TimerUnderFaults): Promise<void> =>
  subject.timer.schedule(ID, SOONER, anAdvance(1));

const CASES: readonly FaultCase<TimerUnderFaults>[] = [
  {
    name: 'scheduling',
    action: 'CreateSchedule',
    code: 'TIMER_UNAVAILABLE',
    attempts: 3,
    run: scheduled,
    check: async ({ schedules }) => expect(await schedules()).toEqual([`at(${SOONER.slice(0, 19)})`]),
  },
  {
    name: 'scheduling anew',
    action: 'UpdateSchedule',
    code: 'TIMER_UNAVAILABLE',
    attempts: 3,
    prepare: scheduled,
    run: ({ timer }) => timer.schedule(ID, LATER, anAdvance(1)),
    check: async ({ schedules }) => expect(await schedules()).toEqual([`at(${LATER.slice(0, 19)})`]),
  },
  {
    name: 'cancelling',
    action: 'DeleteSchedule',
    code: 'TIMER_UNAVAILABLE',
    attempts: 3,
    prepare: scheduled,
    run: ({ timer }) => timer.cancel(ID),
    check: async ({ bed, schedules }) => {
      expect(bed.calls('DeleteSchedule')[0]?.parameters['Name']).toBe(scheduleName(ID));
      expect(await schedules()).toEqual([]);
    },
  },
];

describeFaults('the timer', timerUnderFaults, CASES);
