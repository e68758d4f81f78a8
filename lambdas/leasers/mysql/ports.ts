import type { LookupFunction } from 'node:net';
import type { RandomBytes } from '../../core/ports/ids.ts';
import type { Clock } from '../../core/time.ts';

/** How long each part may take, in milliseconds. */
export interface MysqlTimeouts {
  /** Name, network, TLS and login together. */
  readonly connectMs: number;
  /** One statement; and for how long a session of ours may stand still before the server ends it. */
  readonly statementMs: number;
  /** Waiting for another change of the same lease. */
  readonly lockMs: number;
  /** After a lease was locked: how long a login that was let in just before may take to show among the sessions. */
  readonly settleMs: number;
}

/** What the leaser is given. */
export interface MysqlLeaserPorts {
  readonly randomBytes: RandomBytes;
  readonly clock: Clock;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  readonly timeouts?: Partial<MysqlTimeouts>;
  /** Resolves host names. Default: the system's. */
  readonly lookup?: LookupFunction;
  /** Leases in one page of a list. */
  readonly pageSize?: number;
}

const TIMEOUTS: MysqlTimeouts = { connectMs: 5000, statementMs: 10_000, lockMs: 5000, settleMs: 200 };

/** The timeouts asked for, and for the rest some that fit well into a Lambda's minute. */
export const timeoutsOf = ({ timeouts }: MysqlLeaserPorts): MysqlTimeouts => ({ ...TIMEOUTS, ...timeouts });
