import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { LockstepError } from '../../lambdas/core/errors.ts';

/** A lock that is held. */
export interface HeldLock {
  release(): void;
}

/**
 * At most one process works on a folder. An exclusive lock on a SQLite file: the operating system gives it back
 * when its holder dies, however it dies, so a stale lock does not exist.
 */
export function lockFolder(path: string): HeldLock {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = new Database(path);
  try {
    database.exec('PRAGMA busy_timeout = 0');
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw new LockstepError(
      'FOLDER_IN_USE',
      `another runtime works on ${dirname(path)}; stop it first, or reach it with: lockstep status`,
      { cause: error },
    );
  }
  return {
    release: () => {
      database.exec('ROLLBACK');
      database.close();
    },
  };
}
