import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';

/** Most entries in one PutEvents. */
export const MAX_ENTRIES = 10;

/**
 * Most bytes in one PutEvents, and so in one entry. The documented limit is 256 KB for all entries together;
 * newer pages speak of 1 MB. The smaller one is right under both.
 */
export const MAX_BYTES = 256 * 1024;

/**
 * What EventBridge counts for an entry
 * (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html): the UTF-8 bytes of source,
 * detail type, detail and resources, and 14 for a time.
 */
export function entryBytes(entry: PutEventsRequestEntry): number {
  const texts = [entry.Source, entry.DetailType, entry.Detail, ...(entry.Resources ?? [])];
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), 0);
  return bytes + (entry.Time === undefined ? 0 : 14);
}

/** Entries in their order, in as few requests as the limits allow. Each entry must fit by itself. */
export function batches<E extends { readonly bytes: number }>(
  entries: readonly E[],
): readonly (readonly E[])[] {
  const all: E[][] = [];
  let room = 0;
  for (const entry of entries) {
    const current = all.at(-1);
    if (current !== undefined && current.length < MAX_ENTRIES && entry.bytes <= room) {
      current.push(entry);
      room -= entry.bytes;
    } else {
      all.push([entry]);
      room = MAX_BYTES - entry.bytes;
    }
  }
  return all;
}
