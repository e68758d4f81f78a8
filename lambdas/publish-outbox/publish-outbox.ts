import type { Bus } from '../core/ports/bus.ts';
import type { Outbox } from '../core/ports/ledger.ts';

/** Events per round; EventBridge takes ten in one request, and the adapter splits. */
const BATCH = 50;

/**
 * Takes committed events to the bus and marks what the bus took. A crash in between publishes them again:
 * at least once is all that anybody downstream relies on.
 *
 * @returns how many were published
 */
export async function publishOutbox(outbox: Outbox, bus: Bus): Promise<number> {
  let published = 0;
  for (;;) {
    const events = await outbox.pending(BATCH);
    if (events.length === 0) return published;
    await bus.publish(events);
    await outbox.markPublished(events.map(({ id }) => id));
    published += events.length;
    if (events.length < BATCH) return published;
  }
}
