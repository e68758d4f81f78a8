import { readFile, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { isSystemError } from '../files/write-once.ts';
import type { ServerFiles } from './server-files.ts';
import {
  findProcess,
  processesWorkingIn,
  workingFolder,
  type ProcessIdentity,
  type SystemProcess,
} from './system-process.ts';

/** A server that runs for a folder. */
export interface FoundServer extends ProcessIdentity {
  readonly port: number;
  /** It accepts connections. Without it, it is starting or stopping. */
  readonly isReady: boolean;
}

/** What `postmaster.pid` says, line by line (PostgreSQL source, src/include/miscadmin.h, LOCK_FILE_LINE_*). */
export interface PostmasterFile {
  readonly pid: number;
  readonly port: number;
  readonly status: string;
}

/** Reads the text of a `postmaster.pid`; `undefined` while it is being written. */
export function parsePostmasterFile(text: string): PostmasterFile | undefined {
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number(lines[3] ?? 0), status: lines[7] ?? '' };
}

/**
 * The server that runs for this folder, if any. A file left by a dead server, a zombie, and a stranger to
 * whom the number was given later are none.
 */
export async function findServer(files: ServerFiles): Promise<FoundServer | undefined> {
  const file = await readPostmasterFile(files);
  const running = file && (await findProcess(file.pid));
  if (!file || !running || !(await isServerOf(running, files))) return undefined;
  const { pid, started } = running;
  return { pid, started, port: file.port, isReady: file.status === 'ready' };
}

async function readPostmasterFile({ data }: ServerFiles): Promise<PostmasterFile | undefined> {
  try {
    return parsePostmasterFile(await readFile(join(data, 'postmaster.pid'), 'utf8'));
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    if (!isSystemError(error, 'EACCES', 'EPERM')) throw error;
    throw new LockstepError(
      'FOLDER_FORBIDDEN',
      `${data} belongs to another user; run as that user, or remove the folder to start with an empty database`,
      { cause: error },
    );
  }
}

async function isServerOf(
  { pid, program, isZombie }: SystemProcess,
  { data }: ServerFiles,
): Promise<boolean> {
  if (isZombie) return false;
  const worksIn = await workingFolder(pid);
  // The name of a program proves less than where it works, but it is all that some systems show.
  return worksIn === undefined ? program === 'postgres' : worksIn === (await realpath(data));
}

/**
 * Takes away a `postmaster.pid` that PostgreSQL would trip over, and no other: it overwrites the file of a
 * dead process by itself, after asking whether old children still hold its memory, but refuses for ever
 * where the number belongs to a zombie or to a new process of the same user.
 *
 * Removing the file skips that question, so we ask it: any process that works in the folder ends the
 * attempt with `FOLDER_IN_USE`.
 */
export async function removeStalePostmasterFile(files: ServerFiles): Promise<void> {
  const file = await readPostmasterFile(files);
  if (!file || !(await findProcess(file.pid))) return;
  const path = join(files.data, 'postmaster.pid');
  const children = await processesWorkingIn(await realpath(files.data));
  if (children.length > 0) {
    throw new LockstepError(
      'FOLDER_IN_USE',
      `processes ${children.join(', ')} of an earlier server still work in ${files.data}; end them, then start again`,
    );
  }
  if (process.platform !== 'linux') {
    throw new LockstepError(
      'FOLDER_IN_USE',
      `${path} names process ${file.pid}, which lives and is no server of this folder; make sure that no postgres runs, then remove that file`,
    );
  }
  await rm(path, { force: true });
}
