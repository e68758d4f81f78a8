import { existsSync, readFileSync } from 'node:fs';
import { isRunning, type ProcessIdentity } from '../../embedded/postgres/system-process.ts';
import type { WorldFolder } from '../../embedded/world/world-folder.ts';
import { isLockstepError, LockstepError } from '../../lambdas/core/errors.ts';
import type { Connection } from './connection.ts';
import { socketConnection, type Timeouts } from './socket-connection.ts';
import { listens } from './socket-post.ts';

/** What reaching the embedded world needs. */
export interface EmbeddedPlace {
  readonly folder: WorldFolder;
  readonly operator: string;
  readonly timeouts: Timeouts;
  /** Opens the files where no runtime works. Loaded then only: stores and drivers take their time. Absent: nobody opens them. */
  readonly openFiles?: () => Promise<Connection>;
}

/**
 * Reaches the embedded world of a folder: the runtime that works on it, or its files where none does. Makes
 * nothing in a folder that has none.
 */
export async function openEmbedded(place: EmbeddedPlace): Promise<Connection> {
  const { folder, operator, timeouts, openFiles } = place;
  if (!existsSync(folder.stores.ledger))
    throw new LockstepError(
      'NOTHING_REACHABLE',
      `there is no embedded world in ${folder.root}; start one with npm start, name another workspace with --folder, ` +
        'or an environment on AWS with --stage',
    );
  const record = readRecord(folder.runtime);
  if (record && (await listens(record.control)))
    return socketConnection({ socket: record.control, operator, timeouts });
  if (!openFiles) throw new LockstepError('NOTHING_REACHABLE', `no runtime works on ${folder.root}`);
  try {
    return await openFiles();
  } catch (error) {
    if (!isLockstepError(error, 'FOLDER_IN_USE')) throw error;
    throw await folderInUse(folder, record, error);
  }
}

interface RuntimeRecord extends ProcessIdentity {
  readonly control: string;
}

function readRecord(path: string): RuntimeRecord | undefined {
  try {
    const { pid, started, control } = JSON.parse(readFileSync(path, 'utf8')) as Partial<RuntimeRecord>;
    if (typeof pid !== 'number' || typeof started !== 'string' || typeof control !== 'string')
      return undefined;
    return { pid, started, control };
  } catch {
    // None has started, or it has stopped in good order.
    return undefined;
  }
}

async function folderInUse(
  folder: WorldFolder,
  record: RuntimeRecord | undefined,
  cause: unknown,
): Promise<LockstepError> {
  const who =
    record && (await isRunning(record))
      ? `the runtime (process ${record.pid}) holds ${folder.root}, and nobody listens on its socket`
      : `a process holds ${folder.root} and cannot be asked: a runtime that is starting or stopping, or another command`;
  return new LockstepError('FOLDER_IN_USE', who, { cause });
}
