import Libsql from 'libsql';
import { accessSync, chmodSync, constants, existsSync, linkSync, mkdirSync, rmSync } from 'node:fs';
import { discard, isSystemError, syncFolder } from '../files/write-once.ts';
import { dirname } from 'node:path';
import { foreignName, LockstepError } from '../../lambdas/core/errors.ts';
import { SqliteDatabase } from './database.ts';
import { numberOf } from './row.ts';
import { namedError, storeError, type StoreNaming } from './store-error.ts';

/** What a store keeps in its file. */
export interface Schema {
  /** Marks the file as this store's (`PRAGMA application_id`), so that no store opens another's. */
  readonly applicationId: number;
  /** Statements by version: number n (from 1) takes a file of version n-1 to version n. Never edited, only added to. */
  readonly versions: readonly string[];
}

/** How a file is opened. */
export interface OpenOptions extends StoreNaming {
  readonly schema: Schema;
  /** How long a write waits for another process, in milliseconds. It blocks this one meanwhile. */
  readonly busyTimeoutMs?: number;
}

/**
 * Opens a store's file, making it where there is none.
 *
 * A commit is durable when it returns: write-ahead log, synchronous FULL. A file that is damaged, belongs
 * to another store, was written by a newer version or may not be written is refused by name and left as it
 * is. A new file appears whole or not at all, so an empty one is damage too and is never filled.
 */
export function openDatabase(options: OpenOptions): SqliteDatabase {
  if (!existsSync(options.path)) createFile(options);
  demandAccess(options, options.path);
  const connection = connect(options, options.path, options.busyTimeoutMs ?? 5000);
  const database = new SqliteDatabase(options, connection);
  try {
    // Set first: every later statement may meet another process.
    demandSound(database, options);
    demandSchema(database, options);
    return database;
  } catch (error) {
    // Not `database.close()`, which writes: what is refused is left as it is.
    connection.close();
    throw error;
  }
}

/** Built beside its place and linked into it: a crash leaves no half a file, and of two processes one wins. */
function createFile(options: OpenOptions): void {
  const { path, schema } = options;
  // A log without its file holds committed writes: somebody lost the file, and a new one would bury them.
  if (existsSync(`${path}-wal`))
    throw namedError(options, 'damaged', 'its write-ahead log is there without it');
  const draft = `${path}.${process.pid}.new`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    rmSync(draft, { force: true });
    const connection = connect(options, draft, 0);
    const { applicationId, versions } = schema;
    connection.exec(
      `BEGIN; ${versions.join('\n')} PRAGMA application_id=${applicationId}; PRAGMA user_version=${versions.length}; COMMIT`,
    );
    connection.close();
    chmodSync(draft, 0o600);
    linkSync(draft, path);
    syncFolder(dirname(path));
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw systemError(options, error);
  } finally {
    discard(draft);
  }
}

function demandAccess(options: OpenOptions, path: string): void {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    // SQLite keeps its log beside the file.
    accessSync(dirname(path), constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw systemError(options, error);
  }
}

function connect(options: OpenOptions, path: string, timeout: number): Libsql.Database {
  try {
    return new Libsql(path, { timeout });
  } catch (error) {
    // Its only failure without a code of its own: SQLite's CANTOPEN.
    throw namedError(options, 'forbidden', 'SQLITE_CANTOPEN', error);
  }
}

function demandSound(database: SqliteDatabase, options: OpenOptions): void {
  // Before the switch to WAL, which writes: a damaged file stays as it is, byte by byte.
  const owner = database.get('PRAGMA application_id');
  const applicationId = owner ? numberOf(owner, 'application_id') : 0;
  if (applicationId !== options.schema.applicationId) {
    throw namedError(options, 'damaged', `it carries the mark ${applicationId}, which is not this store's`);
  }
  const [verdict] = database.all('PRAGMA quick_check(1)');
  if (verdict?.['quick_check'] !== 'ok') throw namedError(options, 'damaged', 'its check failed');
  database.all('PRAGMA journal_mode=WAL');
  database.all('PRAGMA synchronous=FULL');
}

function demandSchema(database: SqliteDatabase, options: OpenOptions): void {
  const { versions } = options.schema;
  const found = versionOf(database);
  if (found > versions.length) {
    throw new LockstepError(
      'STORE_NEWER',
      `${options.name} in ${options.path} was written by a newer version (schema ${found}, this one knows ${versions.length}); start that version instead`,
    );
  }
  if (found === versions.length) return;
  database.transaction(() => {
    // Another process may have done it while we waited for the lock.
    for (const step of versions.slice(versionOf(database))) database.script(step);
    database.run(`PRAGMA user_version=${versions.length}`);
  });
}

const versionOf = (database: SqliteDatabase): number => {
  const row = database.get('PRAGMA user_version');
  return row ? numberOf(row, 'user_version') : 0;
};

const FORBIDDEN = ['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR', 'EISDIR'];

/** What the file system said, in our words; what SQLite said where it was not the file system. */
function systemError(options: StoreNaming, error: unknown): unknown {
  if (isSystemError(error, ...FORBIDDEN)) return namedError(options, 'forbidden', foreignName(error), error);
  if (isSystemError(error, 'ENOSPC', 'EDQUOT')) return namedError(options, 'full', foreignName(error), error);
  return storeError(options, error);
}
