import { resolve } from 'node:path';
import { realSleep } from '../loop/sleep.ts';
import { WorkerLoop } from '../loop/worker-loop.ts';
import { beat } from './heartbeat.ts';
import { makeServerFolder } from './initialise.ts';
import type { WatchPatience } from './keep-watch.ts';
import { findServer } from './postmaster-file.ts';
import { serverFiles, type ServerFiles } from './server-files.ts';
import { ensureKeeper } from './start-keeper.ts';
import { startServer, type RunningServer, type StartOptions } from './start-server.ts';

/** What the runtime asks for. */
export interface AttendOptions extends Omit<StartOptions, 'lifetime'> {
  /** The server or its keeper was found missing and could not be brought back; it is tried again. */
  readonly onError: (error: unknown) => void;
  readonly beatEverySeconds?: number;
  readonly patience?: Partial<WatchPatience>;
}

/** A server that this process shows itself to. */
export interface AttendedServer {
  readonly server: RunningServer;
  /** Shows itself no more. The server goes on for as long as its keeper is patient. */
  release(): Promise<void>;
}

const TEN_MINUTES: WatchPatience = { checkEverySeconds: 5, idleLimitSeconds: 600, absentLimitSeconds: 180 };

/**
 * The runtime's way to its server: starts it or takes it over, has a keeper watch over it, and shows itself
 * until `release`. A server or a keeper that died meanwhile is started again, on the same port.
 */
export async function attendServer(options: AttendOptions): Promise<AttendedServer> {
  const files = serverFiles(resolve(options.folder));
  const patience = { ...TEN_MINUTES, ...options.patience };
  await makeServerFolder(files);
  // The keeper first: were we killed after the start, nobody else would ever end the server.
  await showUp(files, patience);

  const start = (): Promise<RunningServer> => startServer({ ...options, lifetime: 'detached' });
  let hasStarted = false;
  const everyMs = (options.beatEverySeconds ?? 5) * 1000;
  const work = async (): Promise<number> => {
    await showUp(files, patience);
    if (hasStarted && !(await findServer(files))) await start();
    return everyMs;
  };
  const loop = new WorkerLoop({ work, sleep: realSleep, longestWaitMs: everyMs, onError: options.onError });
  // Shown during the start as well, which may be long: a recovery after a crash has no limit of its own.
  loop.start();
  try {
    const server = await start();
    hasStarted = true;
    return { server, release: () => loop.stop() };
  } catch (error) {
    await loop.stop();
    throw error;
  }
}

async function showUp(files: ServerFiles, patience: WatchPatience): Promise<void> {
  await beat(files);
  await ensureKeeper(files, patience);
}
