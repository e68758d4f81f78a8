/* oxlint-disable no-new -- a construct adds itself to its scope */
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { EVENT_SOURCE } from '../../lambdas/contracts/bus-envelope.ts';
import { secretName, type Credential } from '../../lambdas/core/credential.ts';
import type { EventOf } from '../../lambdas/core/events.ts';
import type { Site } from '../site.ts';
import { cadenceExpression } from './cadence-expression.ts';
import type { Timers } from './timers.ts';

/** Properties of `CadenceSchedules`. */
export interface CadenceSchedulesProps {
  readonly site: Site;
  readonly bus: EventBus;
  readonly group: Timers;
}

/** What Scheduler writes in place of this: the time that the tick was for, the same in every repeat of it. */
const SCHEDULED_TIME = '<aws.scheduler.scheduled-time>';

/** One schedule per credential, which asks again and again whether it is due: `request-rotation` decides. */
export class CadenceSchedules extends Construct {
  constructor(scope: Construct, id: string, { site, bus, group }: CadenceSchedulesProps) {
    super(scope, id);
    for (const credential of site.inventory.credentials) {
      const { cron, windowMinutes } = cadenceExpression(
        secretName(site.inventory.environment, credential.name),
        credential.rotateEverySeconds,
      );
      new CfnSchedule(this, credential.name, {
        description: `asks whether ${credential.name} is due`,
        groupName: group.groupName,
        scheduleExpression: cron,
        scheduleExpressionTimezone: 'UTC',
        flexibleTimeWindow:
          windowMinutes === 0 ? { mode: 'OFF' } : { mode: 'FLEXIBLE', maximumWindowInMinutes: windowMinutes },
        target: {
          arn: bus.eventBusArn,
          roleArn: group.role.role.roleArn,
          eventBridgeParameters: { source: EVENT_SOURCE, detailType: 'rotation.due' },
          input: JSON.stringify(dueEvent(site, credential)),
          retryPolicy: { maximumEventAgeInSeconds: 86_400, maximumRetryAttempts: 185 },
          deadLetterConfig: { arn: group.deadLetters.queueArn },
        },
      });
    }
  }
}

/** The event as `parseEvent` reads it. Its time and its request are the tick's, so that a tick told twice is one request. */
const dueEvent = ({ inventory }: Site, { name }: Credential): EventOf<'rotation.due'> => ({
  id: `cadence-${name}-${SCHEDULED_TIME}`,
  type: 'rotation.due',
  at: SCHEDULED_TIME,
  environment: inventory.environment,
  detail: { credential: name, cause: 'cadence', requestId: `cadence ${SCHEDULED_TIME}` },
});
