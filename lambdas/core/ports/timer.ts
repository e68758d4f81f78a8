import type { LockstepEvent } from '../events.ts';
import type { Instant } from '../time.ts';

/**
 * Publishes one event at one time.
 *
 * Obligations: durable when it returns; fires at least once, never early, possibly late; the same `id`
 * again replaces what was scheduled under it, also after it has fired.
 */
export interface Timer {
  schedule(id: string, at: Instant, event: LockstepEvent): Promise<void>;
  /** Not scheduled: nothing happens. */
  cancel(id: string): Promise<void>;
}
