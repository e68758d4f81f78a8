import { accessSync, constants, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { isSystemError } from '../files/write-once.ts';

/** A lock that is held. */
export interface HeldLock {
  release(): void;
}

/**
 * At most one process works on a folder. An exclusive lock on a SQLite file: the operating system gives it back
 * when its holder dies, however it dies, so a stale lock does not exist.
 *
 * Errors: `FOLDER_IN_USE`; `STORE_FORBIDDEN` where this user may not work there; `NO_ROOM`.
 */
export function lockFolder(path: string): HeldLock {
  const database = openLock(path);
  try {
    database.exec('PRAGMA busy_timeout = 0');
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw lockError(path, error);
  }
  return {
    release: () => {
      database.exec('ROLLBACK');
      database.close();
    },
  };
}

function openLock(path: string): Database.Database {
  const folder = dirname(path);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return new Database(path);
  } catch (error) {
    throw lockError(path, error);
  }
}

function lockError(path: string, error: unknown): LockstepError {
  const folder = dirname(path);
  const seen = codeOf(error);
  if (seen.startsWith('SQLITE_BUSY') || seen.startsWith('SQLITE_LOCKED'))
    return new LockstepError(
      'FOLDER_IN_USE',
      `another runtime works on ${folder}; stop it first, or reach it with: lockstep status`,
      { cause: error },
    );
  if (
    isSystemError(error, 'ENOSPC', 'EDQUOT') ||
    seen.startsWith('SQLITE_FULL') ||
    seen.startsWith('SQLITE_IOERR')
  )
    return new LockstepError('NO_ROOM', `there is no room to begin in ${folder} (${seen}); make some`, {
      cause: error,
    });
  return new LockstepError(
    'STORE_FORBIDDEN',
    `this user may not work in ${folder} (${seen}); give it the right to read and write there, or work in another folder`,
    { cause: error },
  );
}

/** The one failure of SQLite's that has no code of its own is that it cannot open the file. */
const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code !== ''
    ? error.code
    : 'SQLITE_CANTOPEN';
