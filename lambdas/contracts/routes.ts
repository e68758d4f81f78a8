import type { EventType, LockstepEvent } from '../core/events.ts';
import { tellFunction, type FunctionName } from './names.ts';

/** Which of our own events a function handles. */
export interface EventRoute {
  readonly bus: 'lockstep';
  readonly handler: FunctionName;
  readonly types: readonly EventType[];
  /** Only events about dependents of this kind. */
  readonly dependentKind?: string;
}

/** Which of AWS's events a function handles. CloudTrail and Secrets Manager publish to the default bus only. */
export interface ForeignRoute {
  readonly bus: 'default';
  readonly handler: FunctionName;
  readonly sources: readonly string[];
  readonly detailTypes: readonly string[];
  /** Names of API calls and service events, in `detail.eventName`; absent where the event has none. */
  readonly eventNames?: readonly string[];
  /** Read-only management events reach a rule only in the state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS. */
  readonly needsReadOnlyEvents: boolean;
}

/** An event that comes by the clock. */
export interface ScheduledRoute<T extends EventType = 'seal.due' | 'pulse.due' | 'reconcile.due'> {
  readonly type: T;
  readonly handler: FunctionName;
  readonly everySeconds: number;
}

/** The kinds of dependent that somebody has to tell. */
export const TOLD_KINDS = ['webhook'] as const;

/**
 * Who handles which event. `lib/` makes rules, queues and permissions from it, the embedded world
 * dispatches from it: wiring is never written twice.
 */
export const EVENT_ROUTES: readonly EventRoute[] = [
  { bus: 'lockstep', handler: 'request-rotation', types: ['rotation.due'] },
  { bus: 'lockstep', handler: 'start-rotation', types: ['rotation.requested'] },
  { bus: 'lockstep', handler: 'advance-rotation', types: ['rotation.advanced', 'dependent.acknowledged'] },
  ...TOLD_KINDS.map((kind): EventRoute => ({
    bus: 'lockstep',
    handler: tellFunction(kind),
    types: ['credential.changed'],
    dependentKind: kind,
  })),
  { bus: 'lockstep', handler: 'reconcile', types: ['reconcile.due'] },
  { bus: 'lockstep', handler: 'page-on-call', types: ['page.requested'] },
];

/** Who handles events of leases. Such events happen only where something can be leased, and only there are its functions. */
export const ACCESS_EVENT_ROUTES: readonly EventRoute[] = [
  {
    bus: 'lockstep',
    handler: 'sweep-leases',
    types: ['lease.due', 'leases.due', 'credential.breached'],
  },
];

/** What the watch looks at: reads, changes and denials around secrets. */
export const FOREIGN_ROUTES: readonly ForeignRoute[] = [
  {
    bus: 'default',
    handler: 'detect-access',
    sources: ['aws.secretsmanager'],
    detailTypes: ['AWS API Call via CloudTrail', 'AWS Service Event via CloudTrail'],
    eventNames: [
      'GetSecretValue',
      'BatchGetSecretValue',
      'ListSecrets',
      'DescribeSecret',
      'PutSecretValue',
      'UpdateSecret',
      'DeleteSecret',
    ],
    needsReadOnlyEvents: true,
  },
  {
    bus: 'default',
    handler: 'reconcile',
    sources: ['aws.secretsmanager'],
    detailTypes: ['Secret Label Updated'],
    needsReadOnlyEvents: false,
  },
];

/** What happens by the clock, besides each credential's own cadence. */
export const SCHEDULED_ROUTES: readonly ScheduledRoute[] = [
  { type: 'seal.due', handler: 'seal-audit', everySeconds: 60 },
  { type: 'pulse.due', handler: 'take-pulse', everySeconds: 60 },
  { type: 'reconcile.due', handler: 'reconcile', everySeconds: 300 },
];

/** What happens by the clock where something can be leased. */
export const ACCESS_SCHEDULED_ROUTES: readonly ScheduledRoute<'leases.due'>[] = [
  { type: 'leases.due', handler: 'sweep-leases', everySeconds: 60 },
];

/** The functions that handle an event of ours. */
export function handlersOf(event: LockstepEvent): readonly FunctionName[] {
  return [...EVENT_ROUTES, ...ACCESS_EVENT_ROUTES]
    .filter(({ types }) => types.includes(event.type))
    .filter(({ dependentKind }) => dependentKind === undefined || dependentKind === dependentKindOf(event))
    .map(({ handler }) => handler);
}

const dependentKindOf = (event: LockstepEvent): string | undefined =>
  event.type === 'credential.changed' ? event.detail.dependentKind : undefined;
