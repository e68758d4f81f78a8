import type { CfnRuleProps } from 'aws-cdk-lib/aws-events';
import type { FunctionName } from '../../lambdas/contracts/names.ts';
import { busPattern } from '../../lambdas/contracts/bus-envelope.ts';
import {
  ACCESS_EVENT_ROUTES,
  ACCESS_SCHEDULED_ROUTES,
  EVENT_ROUTES,
  FOREIGN_ROUTES,
  SCHEDULED_ROUTES,
  type EventRoute,
  type ForeignRoute,
  type ScheduledRoute,
} from '../../lambdas/contracts/routes.ts';

/** One rule of EventBridge: on which bus, for what, in which state. */
export interface RoutedRule {
  /** Unique among the rules of its function. */
  readonly id: string;
  readonly bus: 'default' | 'lockstep';
  readonly when: Pick<CfnRuleProps, 'eventPattern' | 'scheduleExpression'>;
  readonly state: 'ENABLED' | 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';
  readonly description: string;
}

/** The rules that feed a function, from the tables of routes. */
export const rulesFor = (name: FunctionName): readonly RoutedRule[] => [
  ...[...EVENT_ROUTES, ...ACCESS_EVENT_ROUTES].filter(({ handler }) => handler === name).map(ownRule),
  ...FOREIGN_ROUTES.filter(({ handler }) => handler === name).map(foreignRule),
  ...[...SCHEDULED_ROUTES, ...ACCESS_SCHEDULED_ROUTES]
    .filter(({ handler }) => handler === name)
    .map(scheduledRule),
];

function ownRule(route: EventRoute): RoutedRule {
  const { source, detailType, detail } = busPattern(route);
  return {
    id: `On-${route.types.join('-')}`,
    bus: 'lockstep',
    when: { eventPattern: { source, 'detail-type': detailType, ...(detail ? { detail } : {}) } },
    state: 'ENABLED',
    description: `${route.types.join(', ')} → ${route.handler}`,
  };
}

/** The record's own source is matched as well: what is in `source` alone might be a copy that somebody put on the bus. */
function foreignRule({
  handler,
  sources,
  detailTypes,
  eventNames,
  needsReadOnlyEvents,
}: ForeignRoute): RoutedRule {
  const record = { eventSource: sources.map(recordSource), eventName: eventNames };
  return {
    id: `On-${detailTypes.join('-').replaceAll(/[^A-Za-z]+/g, '')}`,
    bus: 'default',
    when: {
      eventPattern: {
        source: sources,
        'detail-type': detailTypes,
        ...(eventNames ? { detail: record } : {}),
      },
    },
    state: needsReadOnlyEvents ? 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS' : 'ENABLED',
    description: `${detailTypes.join(', ')} → ${handler}`,
  };
}

type AnyScheduledRoute = ScheduledRoute | ScheduledRoute<'leases.due'>;

/** `aws.secretsmanager` on a bus is `secretsmanager.amazonaws.com` in CloudTrail's records. */
const recordSource = (source: string): string => `${source.replace(/^aws\./, '')}.amazonaws.com`;

const scheduledRule = ({ type, handler, everySeconds }: AnyScheduledRoute): RoutedRule => ({
  id: `Every-${type}`,
  bus: 'default',
  when: { scheduleExpression: rate(everySeconds / 60) },
  state: 'ENABLED',
  description: `${type} → ${handler}`,
});

/** EventBridge takes `1 minute` and `5 minutes`, and nothing in between. */
const rate = (minutes: number): string => `rate(${minutes} minute${minutes === 1 ? '' : 's'})`;
