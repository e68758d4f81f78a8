import type { AuditEntry, AuditRecord, ChainTail } from '../audit/record.ts';
import type { SealedHead } from '../audit/head.ts';

/**
 * Writes one entry to the audit log. The only way in: on AWS the function `append-audit`.
 *
 * Obligations: the entry is part of its chain, durable, when it returns; the same `entry.id` again
 * changes nothing and returns the same record. Errors: `AUDIT_UNAVAILABLE` (unknown whether it was written).
 */
export interface AuditAppender {
  append(entry: AuditEntry): Promise<AuditRecord>;
}

/**
 * Where the chains lie. Append-only by contract: no method changes or removes a record.
 *
 * `append` is conditional: it fails with `LEDGER_CONFLICT` unless `record` continues the chain's tail.
 */
export interface AuditStore {
  tail(chain: string): Promise<ChainTail | undefined>;
  append(record: AuditRecord): Promise<void>;
  /** The record with that entry id, where there is one. */
  find(chain: string, entryId: string): Promise<AuditRecord | undefined>;
  /** Records by sequence number, ascending, from `fromSequence` on. */
  read(chain: string, fromSequence: number, limit: number): Promise<readonly AuditRecord[]>;
  tails(): Promise<readonly ChainTail[]>;
}

/** Where the signed heads lie: outside the store of the chains, write-once. */
export interface HeadStore {
  latest(): Promise<SealedHead | undefined>;
  /** Errors: `LEDGER_CONFLICT` where a head with that number exists and differs. */
  put(head: SealedHead): Promise<void>;
  list(fromNumber: number, limit: number): Promise<readonly SealedHead[]>;
}
