import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { parseEvent } from '../../contracts/parse-event.ts';
import { parseJson } from '../../contracts/check.ts';
import { LEDGER_TABLE } from '../../contracts/tables.ts';
import { isLockstepError, LockstepError } from '../../core/errors.ts';
import type { LockstepEvent } from '../../core/events.ts';
import type { LedgerBodies } from '../../core/ledger-rows.ts';
import type { Family, LedgerRow, LedgerWrite } from '../../core/ports/ledger.ts';

/** An item as the SDK takes it. All of ours are flat, so marshalling them needs no library. */
export type Item = Readonly<Record<string, AttributeValue>>;

/** The key of an item. `#` is safe between the parts: no family holds one. */
export const rowKey = ({ family, credential, id }: Pick<LedgerWrite, 'family' | 'credential' | 'id'>) => ({
  [LEDGER_TABLE.partitionKey]: { S: `${family}#${credential}` },
  [LEDGER_TABLE.sortKey]: { S: id },
});

/** A row as it is stored. The body is one JSON text: nothing queries inside it. */
export function rowItem(write: LedgerWrite, body: LedgerBodies[Family]): Record<string, AttributeValue> {
  const { expected, expiresAt } = write;
  return {
    ...rowKey(write),
    revision: { N: String(expected + 1) },
    body: { S: JSON.stringify(body) },
    ...(expiresAt === undefined
      ? {}
      : { [LEDGER_TABLE.timeToLive]: { N: String(Math.ceil(Date.parse(expiresAt) / 1000)) } }),
  };
}

/** A stored row, or `STORE_DAMAGED`. */
export function rowOf<F extends Family>(family: F, credential: string, item: Item): LedgerRow<F> {
  const id = item[LEDGER_TABLE.sortKey]?.S;
  const revision = Number(item['revision']?.N);
  if (id === undefined || !Number.isSafeInteger(revision)) throw damaged(`${family}#${credential}`);
  const body = parseJson(item['body']?.S ?? '', 'STORE_DAMAGED', `row ${family}#${credential} / ${id}`);
  // Only `commit` writes this table, so a body that parses is one that a typed caller gave.
  return { family, credential, id, revision, body: body as LedgerBodies[F] };
}

/** The key of an event in the outbox: by time, so that a query meets the oldest first. */
const outboxKey = ({ id, at }: Pick<LockstepEvent, 'id' | 'at'>) => ({
  [LEDGER_TABLE.partitionKey]: { S: LEDGER_TABLE.outboxPartition },
  [LEDGER_TABLE.sortKey]: { S: `${at}#${id}` },
});

/** An event as it waits in the outbox. */
export const outboxItem = (event: LockstepEvent): Record<string, AttributeValue> => ({
  ...outboxKey(event),
  body: { S: JSON.stringify(event) },
});

/** The id in an outbox key: everything behind the instant, which holds no `#`. */
export const eventIdOf = (sortKey: string): string => sortKey.slice(sortKey.indexOf('#') + 1);

/** A waiting event; `undefined` where the item is none. */
export const outboxEvent = (item: Item): LockstepEvent | undefined => eventIn(item['body']?.S);

/** The event in an outbox item's body; `undefined` where that is none. */
export function eventIn(body: string | undefined): LockstepEvent | undefined {
  try {
    return parseEvent(parseJson(body ?? '', 'MALFORMED_EVENT', 'an outbox item'));
  } catch (error) {
    if (isLockstepError(error, 'MALFORMED_EVENT')) return undefined;
    throw error;
  }
}

const damaged = (what: string): LockstepError =>
  new LockstepError(
    'STORE_DAMAGED',
    `${what} of the ledger table is not as Lockstep wrote it; compare it with a backup, and look for who wrote it`,
  );
