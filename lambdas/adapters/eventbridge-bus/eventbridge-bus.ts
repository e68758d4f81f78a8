import {
  PutEventsCommand,
  type EventBridgeClient,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import { toBusEntry } from '../../contracts/bus-envelope.ts';
import { foreignName, LockstepError } from '../../core/errors.ts';
import type { LockstepEvent } from '../../core/events.ts';
import type { Bus } from '../../core/ports/bus.ts';
import { batches, entryBytes, MAX_BYTES } from './batches.ts';

/** What the bus needs from outside. */
export interface EventBridgeBusOptions {
  readonly client: EventBridgeClient;
  /** Name or ARN of the bus. */
  readonly bus: string;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** An event on its way, with what it weighs. */
interface Outgoing {
  readonly entry: PutEventsRequestEntry;
  readonly bytes: number;
  readonly eventId: string;
}

/** How often entries that EventBridge failed one by one are sent. The SDK repeats whole requests by itself. */
const ATTEMPTS = 4;

/** `Bus` on an EventBridge bus. */
export function eventBridgeBus(options: EventBridgeBusOptions): Bus {
  return { publish: (events) => publish(options, events) };
}

async function publish(options: EventBridgeBusOptions, events: readonly LockstepEvent[]): Promise<void> {
  const outgoing = events.map((event) => toOutgoing(options.bus, event));
  const fitting = outgoing.filter(({ bytes }) => bytes <= MAX_BYTES);
  for (const batch of batches(fitting)) await publishBatch(options, batch);
  // Last, so that one event that can never go keeps no other from going.
  const tooLarge = outgoing.find(({ bytes }) => bytes > MAX_BYTES);
  if (tooLarge)
    throw new LockstepError(
      'MALFORMED_EVENT',
      `event ${tooLarge.eventId} has ${tooLarge.bytes} bytes, EventBridge takes ${MAX_BYTES}; all others were published`,
    );
}

function toOutgoing(bus: string, event: LockstepEvent): Outgoing {
  const { source, detailType, detail, resources } = toBusEntry(event);
  const entry: PutEventsRequestEntry = {
    EventBusName: bus,
    Source: source,
    DetailType: detailType,
    Detail: detail,
    Resources: [...resources],
    Time: new Date(event.at),
  };
  return { entry, bytes: entryBytes(entry), eventId: event.id };
}

/** Sends one request; then again only those of its entries that were not taken. */
async function publishBatch(options: EventBridgeBusOptions, batch: readonly Outgoing[]): Promise<void> {
  let left = batch;
  for (let attempt = 1; left.length > 0; attempt += 1) {
    const { failed, codes } = await putOnce(options, left);
    left = failed;
    if (left.length === 0) return;
    if (attempt >= ATTEMPTS)
      throw new LockstepError(
        'BUS_UNAVAILABLE',
        `EventBridge took ${batch.length - left.length} of ${batch.length} events (${codes.join(', ')}); publish them again, the rest will be repeats`,
      );
    await options.pause(2 ** attempt * 50 * (1 + options.random()));
  }
}

async function putOnce(
  { client }: EventBridgeBusOptions,
  batch: readonly Outgoing[],
): Promise<{ readonly failed: readonly Outgoing[]; readonly codes: readonly string[] }> {
  const answer = await client
    .send(new PutEventsCommand({ Entries: batch.map(({ entry }) => entry) }))
    .catch((error: unknown) => {
      throw new LockstepError(
        'BUS_UNAVAILABLE',
        `no usable answer from EventBridge (${foreignName(error)}); unknown which of ${batch.length} events it took, publish them again`,
        { cause: error },
      );
    });
  // A 200 says nothing about any entry. Results come in the order of the request; a missing one was not taken.
  const results = answer.Entries ?? [];
  const failed = batch.filter((_, index) => results[index]?.EventId === undefined);
  const codes = new Set(results.flatMap(({ ErrorCode }) => safeCode(ErrorCode)));
  return { failed, codes: [...codes] };
}

/** A code of EventBridge, where it looks like one. Its messages are not written down. */
const safeCode = (code: string | undefined): readonly string[] =>
  code !== undefined && /^[A-Za-z]{1,64}$/.test(code) ? [code] : [];
