import type { LockstepEvent } from '../events.ts';

/**
 * Takes events to whoever the routes table names.
 *
 * Obligations: durable when it returns; delivers at least once, in no promised order. A handler that
 * throws is tried again with backoff and jitter, then its delivery becomes a dead letter.
 * Errors: `BUS_UNAVAILABLE`, with nothing promised about which events were taken.
 */
export interface Bus {
  publish(events: readonly LockstepEvent[]): Promise<void>;
}

/** A delivery that was given up. Re-driving it delivers it again from the start. */
export interface DeadLetter {
  readonly id: string;
  readonly handler: string;
  /** Absent where it was an event of AWS's (default bus), which has no form of ours. */
  readonly event?: LockstepEvent;
  readonly attempts: number;
  readonly lastError: string;
  readonly at: string;
}

/** The deliveries that were given up. */
export interface DeadLetters {
  list(): Promise<readonly DeadLetter[]>;
  /** Delivers them again; with a credential, only those about it. Returns how many were taken. */
  redrive(credential?: string): Promise<number>;
}
