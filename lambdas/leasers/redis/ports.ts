import type { LookupFunction } from 'node:net';
import type { RandomBytes } from '../../core/ports/ids.ts';
import type { Clock } from '../../core/time.ts';

/** How long each part may take, in milliseconds. */
export interface RedisTimeouts {
  /** Name, network, TLS and login together. */
  readonly connectMs: number;
  /** One message and its answers. */
  readonly answerMs: number;
}

/** What the leaser is given. */
export interface RedisLeaserPorts {
  readonly randomBytes: RandomBytes;
  readonly clock: Clock;
  readonly timeouts?: Partial<RedisTimeouts>;
  /** Resolves host names. Default: the system's. */
  readonly lookup?: LookupFunction;
  /** Leases in one page of a list. */
  readonly pageSize?: number;
}

const TIMEOUTS: RedisTimeouts = { connectMs: 5000, answerMs: 10_000 };

/** The timeouts asked for, and for the rest some that fit well into a Lambda's minute. */
export const timeoutsOf = ({ timeouts }: RedisLeaserPorts): RedisTimeouts => ({ ...TIMEOUTS, ...timeouts });
