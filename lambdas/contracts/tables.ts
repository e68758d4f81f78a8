/** How items are keyed: `lib/` makes the tables from this, the adapters write by it. */

/**
 * The ledger: rows under `<family>#<credential>` / id, events of the outbox under one partition, by time.
 *
 * One partition for the outbox takes 1,000 write units a second. Secrets Manager's own quota (25 rotations a
 * second, about eight events each, gone within a second) stays below half of that.
 */
export const LEDGER_TABLE = {
  partitionKey: 'pk',
  sortKey: 'sk',
  /** Epoch seconds; DynamoDB forgets the row some time after it. */
  timeToLive: 'expiresAt',
  outboxPartition: 'outbox#pending',
} as const;

/** What the function that publishes the outbox has to be woken for: new events, not rows and not removals. */
export const OUTBOX_STREAM_FILTER = {
  eventName: ['INSERT'],
  dynamodb: { Keys: { [LEDGER_TABLE.partitionKey]: { S: [LEDGER_TABLE.outboxPartition] } } },
} as const;

/** The audit: `chain#<chain>` holds records and entry markers, `tails` the last record of every chain. */
export const AUDIT_TABLE = { partitionKey: 'pk', sortKey: 'sk', tailsPartition: 'tails' } as const;
