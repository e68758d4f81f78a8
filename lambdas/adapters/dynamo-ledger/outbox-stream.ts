import { anyRecord, fit, listOf, optional, record, text } from '../../contracts/check.ts';
import { LEDGER_TABLE } from '../../contracts/tables.ts';
import type { LockstepEvent } from '../../core/events.ts';
import { eventIn } from './items.ts';

/** One new event in the outbox, as the table's stream tells it. */
export interface OutboxStreamRecord {
  /** What a partial batch response names to have the stream start again from here. */
  readonly sequenceNumber: string;
  /** Absent where the item is not an event of ours: publishing it can never work. */
  readonly event?: LockstepEvent;
}

interface StreamRecord {
  readonly eventName: string;
  readonly dynamodb: Change;
}

interface Change {
  readonly SequenceNumber: string;
  readonly Keys: Readonly<Record<string, unknown>>;
  readonly NewImage?: Readonly<Record<string, unknown>>;
}

const streamEvent = record<{ readonly Records: readonly StreamRecord[] }>({
  Records: listOf(
    record<StreamRecord>({
      eventName: text,
      dynamodb: record<Change>({ SequenceNumber: text, Keys: anyRecord, NewImage: optional(anyRecord) }),
    }),
  ),
});

/**
 * The new events in a batch of the ledger's stream, in its order
 * (https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html). Rows, and events that were published and
 * removed, are passed over; the stream's filter should have kept them back already.
 */
export function parseOutboxStream(value: unknown): readonly OutboxStreamRecord[] {
  const { Records: records } = fit(streamEvent, value, 'MALFORMED_EVENT', 'a batch of the ledger stream');
  return records
    .filter(({ eventName, dynamodb }) => eventName === 'INSERT' && isOfOutbox(dynamodb.Keys))
    .map(({ dynamodb }) => {
      const event = eventIn(stringIn(dynamodb.NewImage?.['body']));
      return { sequenceNumber: dynamodb.SequenceNumber, ...(event && { event }) };
    });
}

const stringIn = (attribute: unknown): string | undefined => {
  const { S } =
    typeof attribute === 'object' && attribute !== null ? (attribute as { readonly S?: unknown }) : {};
  return typeof S === 'string' ? S : undefined;
};

const isOfOutbox = (keys: Readonly<Record<string, unknown>>): boolean =>
  stringIn(keys[LEDGER_TABLE.partitionKey]) === LEDGER_TABLE.outboxPartition;
