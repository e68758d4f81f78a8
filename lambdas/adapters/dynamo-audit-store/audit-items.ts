import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { auditRecord } from '../../contracts/audit-shapes.ts';
import { fit, parseJson } from '../../contracts/check.ts';
import { AUDIT_TABLE } from '../../contracts/tables.ts';
import type { AuditRecord, ChainTail } from '../../core/audit/record.ts';
import { canonicalJson } from '../../core/digest.ts';
import { LockstepError } from '../../core/errors.ts';

/** An item as the SDK takes it. */
export type Item = Readonly<Record<string, AttributeValue>>;

/** Sequence numbers as they sort. */
const padded = (sequence: number): string => String(sequence).padStart(12, '0');

const key = (partition: string, sort: string): Record<string, AttributeValue> => ({
  [AUDIT_TABLE.partitionKey]: { S: partition },
  [AUDIT_TABLE.sortKey]: { S: sort },
});

/** Everything about one chain but its tail. */
export const chainPartition = (chain: string): string => `chain#${chain}`;

/** Where the record with that number lies within its chain. */
export const recordSort = (sequence: number): string => `record#${padded(sequence)}`;

/** Behind the last record that there can be. */
export const LAST_RECORD_SORT = 'record#999999999999';

export const recordKey = (chain: string, sequence: number): Record<string, AttributeValue> =>
  key(chainPartition(chain), recordSort(sequence));

/** One marker per entry id: what makes the same entry find its record again. */
export const markerKey = (chain: string, entryId: string): Record<string, AttributeValue> =>
  key(chainPartition(chain), `entry#${entryId}`);

/** All tails share a partition, so that the sealer reads them in one consistent query. */
export const tailKey = (chain: string): Record<string, AttributeValue> =>
  key(AUDIT_TABLE.tailsPartition, chain);

/** A record as it is stored: the canonical text that its hash was made over, and the hash. */
export const recordItem = (record: AuditRecord): Record<string, AttributeValue> => ({
  ...recordKey(record.entry.chain, record.sequence),
  body: { S: canonicalJson(record) },
});

export const markerItem = ({ entry, sequence }: AuditRecord): Record<string, AttributeValue> => ({
  ...markerKey(entry.chain, entry.id),
  sequence: { N: String(sequence) },
});

export const tailItem = ({ entry, sequence, hash }: AuditRecord): Record<string, AttributeValue> => ({
  ...tailKey(entry.chain),
  sequence: { N: String(sequence) },
  hash: { S: hash },
});

/** A stored record. Whether it is the one that was written is for the verifier; here it must be readable. */
export function recordOf(item: Item): AuditRecord {
  const what = `audit record ${item[AUDIT_TABLE.partitionKey]?.S} / ${item[AUDIT_TABLE.sortKey]?.S}`;
  return fit(auditRecord, parseJson(item['body']?.S ?? '', 'AUDIT_BROKEN', what), 'AUDIT_BROKEN', what);
}

/** A stored tail. */
export function tailOf(item: Item): ChainTail {
  const chain = item[AUDIT_TABLE.sortKey]?.S;
  const hash = item['hash']?.S;
  const sequence = Number(item['sequence']?.N);
  if (chain !== undefined && hash !== undefined && Number.isSafeInteger(sequence))
    return { chain, sequence, hash };
  throw new LockstepError(
    'AUDIT_BROKEN',
    `the tail of audit chain ${chain ?? 'without a name'} is not as it was written; verify the audit against its heads`,
  );
}
