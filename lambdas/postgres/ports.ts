import type { LookupFunction } from 'node:net';
import type { RandomBytes } from '../core/ports/ids.ts';
import type { Clock } from '../core/time.ts';

/** What a connection was made for. */
export type ConnectionPurpose =
  | 'install'
  | 'verify'
  | 'observe'
  | 'disable'
  | 'enable'
  | 'revoke'
  | 'stop'
  | 'prove-refused'
  | 'issue'
  | 'renew'
  | 'end'
  | 'list'
  | 'prove-authority';

/** One connection of ours, for telling our own attempts from those of dependents in the server's log. */
export interface ConnectionSeen {
  readonly purpose: ConnectionPurpose;
  /** Whom it logged in as. */
  readonly role: string;
  /** Our end; `undefined` where the network did not get us that far. */
  readonly localPort?: number;
  readonly outcome: 'served' | 'refused' | 'failed';
}

/** How long each part may take, in milliseconds. */
export interface PostgresTimeouts {
  /** Name, network, TLS and login together. */
  readonly connectMs: number;
  /** One statement. */
  readonly statementMs: number;
  /** Waiting for another change of the same role. */
  readonly lockMs: number;
  /**
   * After a role was closed: how long a login that was let in just before may take to show among the
   * sessions.
   */
  readonly settleMs: number;
}

/** What the rotators of this family are given. */
export interface PostgresPorts {
  readonly randomBytes: RandomBytes;
  readonly clock: Clock;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  readonly timeouts?: Partial<PostgresTimeouts>;
  /** Resolves host names. Default: the system's. */
  readonly lookup?: LookupFunction;
  /** Called once per connection, when its login has ended either way. Must not throw. */
  readonly onConnection?: (connection: ConnectionSeen) => void;
}

const TIMEOUTS: PostgresTimeouts = { connectMs: 5000, statementMs: 10_000, lockMs: 5000, settleMs: 200 };

/** The timeouts asked for, and for the rest some that fit well into a Lambda's minute. */
export const timeoutsOf = ({ timeouts }: PostgresPorts): PostgresTimeouts => ({ ...TIMEOUTS, ...timeouts });
