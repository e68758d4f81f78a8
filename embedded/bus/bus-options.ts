import type { LockstepEvent } from '../../lambdas/core/events.ts';
import type { RetryPolicy } from '../../lambdas/core/propagation/backoff.ts';
import type { Clock } from '../../lambdas/core/time.ts';
import type { AwsEvent } from '../default-bus/aws-event.ts';
import type { Sleep } from '../loop/sleep.ts';

/** What becomes of one delivery attempt. `dropped`: the event is wrong and stays wrong (remedy `sender`). */
export type DeliveryOutcome = 'delivered' | 'retried' | 'dropped' | 'dead';

/** How the bus is unfriendly. For tests; each answer of a calm one is the default. */
export interface Turbulence {
  /** How many deliveries one event becomes for one handler, at least 1. */
  copies(): number;
  /** How long a delivery is held back at first, in seconds. */
  delaySeconds(): number;
  /** Changes the order of what is due. */
  order<T>(due: readonly T[]): readonly T[];
}

/** What the bus needs. */
export interface SqliteBusOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** A number in [0, 1), for jitter. */
  readonly random: () => number;
  readonly retries: RetryPolicy;
  /** The functions of the routes table for our events, by name. */
  readonly handlers: Readonly<Record<string, (event: LockstepEvent) => Promise<void>>>;
  /** Those for AWS's events, by name. One function may be in both. */
  readonly awsHandlers: Readonly<Record<string, (event: AwsEvent) => Promise<void>>>;
  /** Deliveries at once per function, as reserved concurrency is on AWS. */
  readonly concurrency: number;
  readonly onOutcome?: (outcome: DeliveryOutcome, handler: string, code?: string) => void;
  /** The file did not answer; the next round comes by itself. */
  readonly onError: (error: unknown) => void;
  readonly turbulence?: Turbulence;
}
