import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { EventType } from '../../lambdas/core/events.ts';
import { DeadLetterQueue } from '../queues/dead-letter-queue.ts';
import type { Right } from '../rights/right.ts';
import { SiteRole } from '../rights/site-role.ts';
import { arnAt, siteName, type Site } from '../site.ts';
import { mayPublish } from './may-publish.ts';

/** Properties of `Timers`. */
export interface TimersProps {
  readonly site: Site;
  readonly bus: EventBus;
  readonly key: IKey;
  /** What it is a group of: part of its name, its role's and its dead letters'. */
  readonly name: 'timers' | 'cadence' | 'expiries';
  /** The one type of event that its schedules put on the bus. */
  readonly publishes: EventType;
}

/**
 * A group of schedules, the role that they act as, and the queue of what they could not deliver. Nothing in that queue
 * is driven again: reconcile finds what a lost timer would have done, and the next tick of a cadence asks anew.
 */
export class Timers extends Construct {
  readonly groupName: string;
  readonly role: SiteRole;
  readonly deadLetters: Queue;
  readonly #schedules: string;

  constructor(scope: Construct, id: string, { site, bus, key, name, publishes }: TimersProps) {
    super(scope, id);
    this.#schedules = arnAt(site, 'scheduler', `schedule/${siteName(site, name)}/*`);
    const group = new CfnScheduleGroup(this, 'Group', { name: siteName(site, name) });
    this.groupName = group.ref;
    const queueName = siteName(site, `${name}-dead-letters`);
    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters', { queueName, key }).queue;
    this.role = new SiteRole(this, 'Role', {
      site,
      name,
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com').withConditions({
        StringEquals: {
          'aws:SourceAccount': site.deployment.account,
          'aws:SourceArn': arnAt(site, 'scheduler', `schedule-group/${siteName(site, name)}`),
        },
      }),
      description: `what schedules of the group ${siteName(site, name)} act as`,
    });
    this.role.allow(mayPublish(bus.eventBusArn, publishes), {
      actions: ['sqs:SendMessage'],
      resources: [this.deadLetters.queueArn],
    });
  }

  /** To set timers of this group, or to set them anew. */
  maySet(): readonly Right[] {
    return this.#may('CreateSchedule', 'UpdateSchedule');
  }

  /** To set and cancel timers of this group. */
  maySchedule(): readonly Right[] {
    return this.#may('CreateSchedule', 'UpdateSchedule', 'DeleteSchedule');
  }

  #may(...calls: readonly string[]): readonly Right[] {
    return [
      {
        actions: calls.map((call) => `scheduler:${call}`),
        resources: [this.#schedules],
        because: 'each timer is named after what it is for; the group holds timers of this environment alone',
      },
      {
        actions: ['iam:PassRole'],
        resources: [this.role.role.roleArn],
        conditions: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
      },
    ];
  }
}
