import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { isSystemError } from '../files/write-once.ts';
import { findServer } from './postmaster-file.ts';
import { serverFiles } from './server-files.ts';
import { isRunning, type ProcessIdentity } from './system-process.ts';

/** How long each way of stopping may take. */
export interface StopPatience {
  readonly fastSeconds: number;
  readonly immediateSeconds: number;
}

/**
 * Stops the server of a folder and waits until it is gone. None running: nothing happens.
 *
 * First SIGINT (sessions are ended, data is written), then, if that takes too long, SIGQUIT (the next start
 * recovers): https://www.postgresql.org/docs/16/server-shutdown.html. Never SIGKILL, which would leave its children.
 */
export async function stopServer(
  folder: string,
  patience: StopPatience = { fastSeconds: 30, immediateSeconds: 10 },
): Promise<void> {
  const found = await findServer(serverFiles(resolve(folder)));
  if (!found) return;
  if (await endsAfter(found, 'SIGINT', patience.fastSeconds)) return;
  if (await endsAfter(found, 'SIGQUIT', patience.immediateSeconds)) return;
  throw new LockstepError(
    'SERVER_FAILED',
    `the PostgreSQL of ${folder} (process ${found.pid}) does not stop; end it by hand`,
  );
}

async function endsAfter(server: ProcessIdentity, signal: NodeJS.Signals, seconds: number): Promise<boolean> {
  if (!(await isRunning(server))) return true;
  try {
    process.kill(server.pid, signal);
  } catch (error) {
    if (isSystemError(error, 'ESRCH')) return true;
    throw new LockstepError(
      'FOLDER_FORBIDDEN',
      `process ${server.pid} is the PostgreSQL of another user; stop it as that user`,
      { cause: error },
    );
  }
  const giveUpAt = performance.now() + seconds * 1000;
  while (performance.now() < giveUpAt) {
    if (!(await isRunning(server))) return true;
    await sleep(20);
  }
  return false;
}
