import type Libsql from 'libsql';
import { storeError, type StoreNaming } from './store-error.ts';

/** What a column can be given. */
export type SqlValue = string | number | boolean | Uint8Array | null;

/** What a column can hold when it is read: bytes are a `Uint8Array`, truth values 0 or 1. */
type SqlColumn = string | number | Uint8Array | null;

/** One row, by column name. */
export type SqlRow = Readonly<Record<string, SqlColumn>>;

/**
 * The one way to SQLite here: `libsql`, with its sharp edges covered.
 *
 * - It aborts the whole process on a boolean, and on a lone object or buffer handed to a positional
 *   statement: values are always bound as an array, truth values as 0 and 1.
 * - It takes a missing, `undefined` or NaN parameter for NULL without a word: refused here.
 * - It binds every number as REAL: integers are bound as integers.
 * - Its `get` adds a `_metadata` column, and `get` and `all` disagree about BLOBs: only `all` is used.
 * - `close` leaves prepared statements usable: refused here.
 *
 * Every call is synchronous, so nothing interleaves within a transaction.
 */
export class SqliteDatabase {
  readonly #naming: StoreNaming;
  readonly #connection: Libsql.Database;
  readonly #statements = new Map<string, Libsql.Statement>();
  #inTransaction = false;
  #closed = false;

  constructor(naming: StoreNaming, connection: Libsql.Database) {
    this.#naming = naming;
    this.#connection = connection;
  }

  /** Runs one statement and returns how many rows it changed. */
  run(sql: string, values: readonly SqlValue[] = []): number {
    return this.#guarded(() => this.#prepare(sql).run(values.map(bindable)).changes);
  }

  /** All rows of a query. */
  all(sql: string, values: readonly SqlValue[] = []): readonly SqlRow[] {
    const rows = this.#guarded(() => this.#prepare(sql).all(values.map(bindable)));
    return rows.map((row) => readable(row as Record<string, unknown>));
  }

  /** The first row of a query. */
  get(sql: string, values: readonly SqlValue[] = []): SqlRow | undefined {
    return this.all(sql, values)[0];
  }

  /** Runs several statements that take no values and give no rows. */
  script(sql: string): void {
    this.#guarded(() => this.#connection.exec(sql));
  }

  /**
   * Runs `work` in one transaction that holds the write lock from its start, so that what it read is still
   * true when it writes. All of it is durable when this returns, or nothing is.
   */
  transaction<T>(work: () => T): T {
    if (this.#inTransaction) throw new TypeError(`${this.#naming.name}: transactions do not nest`);
    this.script('BEGIN IMMEDIATE');
    this.#inTransaction = true;
    try {
      const result = work();
      if (result instanceof Promise) throw new TypeError('a transaction cannot wait');
      this.script('COMMIT');
      return result;
    } catch (error) {
      // A full disk has rolled back by itself.
      if (this.#connection.inTransaction) this.script('ROLLBACK');
      throw error;
    } finally {
      this.#inTransaction = false;
    }
  }

  /** Folds the write-ahead log into the file and lets go of it. A second call does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#statements.clear();
    try {
      this.#connection.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all([]);
    } catch {
      // Another process reads, or the disk is full: the log stays, whole, for the next opening.
    }
    this.#connection.close();
  }

  #prepare(sql: string): Libsql.Statement {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#connection.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #guarded<T>(call: () => T): T {
    if (this.#closed) throw new TypeError(`${this.#naming.name} has been closed`);
    try {
      return call();
    } catch (error) {
      throw storeError(this.#naming, error);
    }
  }
}

function bindable(value: SqlValue): string | number | bigint | Uint8Array | null {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('a number that is not finite cannot be stored');
    return Number.isSafeInteger(value) ? BigInt(value) : value;
  }
  if (value === undefined) throw new TypeError('a missing value cannot be stored; say null');
  return value;
}

function readable(row: Record<string, unknown>): SqlRow {
  const columns = Object.entries(row).map(([name, value]) => [
    name,
    value instanceof ArrayBuffer ? new Uint8Array(value) : value,
  ]);
  return Object.fromEntries(columns) as SqlRow;
}
