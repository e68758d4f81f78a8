import { auditRecord } from '../../lambdas/contracts/audit-shapes.ts';
import { fit, parseJson } from '../../lambdas/contracts/check.ts';
import { GENESIS, recordHash, type AuditRecord, type ChainTail } from '../../lambdas/core/audit/record.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { AuditStore } from '../../lambdas/core/ports/audit.ts';
import type { SqliteDatabase, SqlRow } from '../sqlite/database.ts';
import { openDatabase } from '../sqlite/open-database.ts';
import { numberOf, textOf } from '../sqlite/row.ts';
import { AUDIT_SCHEMA } from './schema.ts';

/** `AuditStore` in one SQLite file. */
export class SqliteAuditStore implements AuditStore {
  readonly #database: SqliteDatabase;

  /** Errors: `STORE_DAMAGED`, `STORE_FORBIDDEN`, `STORE_NEWER`, `NO_ROOM`; nothing is changed then. */
  constructor(path: string) {
    this.#database = openDatabase({
      name: 'the audit',
      path,
      schema: AUDIT_SCHEMA,
      unavailable: 'AUDIT_UNAVAILABLE',
      damaged: 'STORE_DAMAGED',
    });
  }

  async tail(chain: string): Promise<ChainTail | undefined> {
    return this.#tail(chain);
  }

  async append(record: AuditRecord): Promise<void> {
    const { chain, id } = record.entry;
    this.#database.transaction(() => {
      const tail = this.#tail(chain);
      const isNext = record.sequence === (tail?.sequence ?? 0) + 1;
      const continues = isNext && record.previous === (tail?.hash ?? GENESIS);
      const isKnown = this.#find(chain, id) !== undefined;
      // A record whose hash is wrong would break the chain for every record behind it.
      if (!continues || isKnown || recordHash(record) !== record.hash) throw doesNotContinue(record);
      const sql = 'INSERT INTO record (chain, sequence, entry_id, hash, body) VALUES (?, ?, ?, ?, ?)';
      this.#database.run(sql, [chain, record.sequence, id, record.hash, JSON.stringify(record)]);
    });
  }

  async find(chain: string, entryId: string): Promise<AuditRecord | undefined> {
    return this.#find(chain, entryId);
  }

  async read(chain: string, fromSequence: number, limit: number): Promise<readonly AuditRecord[]> {
    const sql = 'SELECT body FROM record WHERE chain = ? AND sequence >= ? ORDER BY sequence LIMIT ?';
    return this.#database.all(sql, [chain, fromSequence, Math.max(0, limit)]).map(recordOf);
  }

  async tails(): Promise<readonly ChainTail[]> {
    const sql = 'SELECT chain, max(sequence) AS sequence, hash FROM record GROUP BY chain ORDER BY chain';
    return this.#database.all(sql).map(tailOf);
  }

  close(): void {
    this.#database.close();
  }

  #tail(chain: string): ChainTail | undefined {
    const sql = 'SELECT chain, sequence, hash FROM record WHERE chain = ? ORDER BY sequence DESC LIMIT 1';
    const row = this.#database.get(sql, [chain]);
    return row && tailOf(row);
  }

  #find(chain: string, entryId: string): AuditRecord | undefined {
    const row = this.#database.get('SELECT body FROM record WHERE chain = ? AND entry_id = ?', [
      chain,
      entryId,
    ]);
    return row && recordOf(row);
  }
}

const tailOf = (row: SqlRow): ChainTail => ({
  chain: textOf(row, 'chain'),
  sequence: numberOf(row, 'sequence'),
  hash: textOf(row, 'hash'),
});

/** Whoever could write the file is the adversary, so what it holds is checked for shape; the hashes are the verifier's. */
const recordOf = (row: SqlRow): AuditRecord =>
  fit(
    auditRecord,
    parseJson(textOf(row, 'body'), 'AUDIT_BROKEN', 'an audit record'),
    'AUDIT_BROKEN',
    'an audit record',
  );

const doesNotContinue = ({ sequence, entry }: AuditRecord): LockstepError =>
  new LockstepError(
    'LEDGER_CONFLICT',
    `record ${sequence} does not continue audit chain ${entry.chain}: its tail moved on, or the entry is in it; read the tail again`,
  );
