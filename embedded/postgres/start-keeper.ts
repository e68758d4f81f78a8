import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { WatchPatience } from './keep-watch.ts';
import { livingKeeper } from './keeper-record.ts';
import type { ServerFiles } from './server-files.ts';
import { CLEAN_ENVIRONMENT } from './settings.ts';
import type { ProcessIdentity } from './system-process.ts';

/** How long a keeper may take to show itself, in milliseconds. */
const PATIENCE_MS = 30_000;

/** Sees to it that a keeper watches over the folder, and says which. */
export async function ensureKeeper(files: ServerFiles, patience: WatchPatience): Promise<ProcessIdentity> {
  const present = await livingKeeper(files);
  if (present) return present;
  spawnKeeper(files, patience);
  const giveUpAt = performance.now() + PATIENCE_MS;
  while (performance.now() < giveUpAt) {
    const started = await livingKeeper(files);
    if (started) return started;
    await sleep(25);
  }
  throw new LockstepError(
    'SERVER_FAILED',
    `the keeper of ${files.folder} did not start; what it said is in ${files.keeperLog}`,
  );
}

/** In a session of its own, with an empty environment: it outlives us and inherits nothing of ours. */
function spawnKeeper(files: ServerFiles, patience: WatchPatience): void {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const program = fileURLToPath(new URL('keeper.ts', import.meta.url));
  const orders = JSON.stringify({ folder: files.folder, ...patience });
  const log = openSync(files.keeperLog, 'a', 0o600);
  try {
    const child = spawn(process.execPath, ['--import', loader, program, orders], {
      cwd: '/',
      env: CLEAN_ENVIRONMENT,
      detached: true,
      stdio: ['ignore', log, log],
    });
    // It shows that it lives by its record; a program that cannot be started shows nothing.
    child.once('error', () => undefined);
    child.unref();
  } finally {
    closeSync(log);
  }
}
