import type { LockstepEvent } from '../core/events.ts';
import type { Bus } from '../core/ports/bus.ts';
import type { Outbox } from '../core/ports/ledger.ts';

/** One change of the ledger's stream. Without an event it is an item that is none, and never will be. */
export interface Committed {
  readonly event?: LockstepEvent;
}

/**
 * Takes the events of one batch of the ledger's stream to the bus, and marks what the bus took. Throws when
 * the bus took none or some: the batch then comes again, which costs repeats and loses nothing. An item that
 * is no event is passed over and counted, or it would stall its shard for a day.
 */
export async function publishCommitted(
  outbox: Outbox,
  bus: Bus,
  committed: readonly Committed[],
  malformed: (count: number) => void,
): Promise<void> {
  const events = committed.flatMap(({ event }) => (event ? [event] : []));
  if (events.length < committed.length) malformed(committed.length - events.length);
  if (events.length === 0) return;
  await bus.publish(events);
  await outbox.markPublished(events.map(({ id }) => id));
}
