import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isLockstepError, LockstepError } from '../../lambdas/core/errors.ts';
import { postgresBinaries } from './binaries.ts';
import { initialise } from './initialise.ts';
import { findServer, removeStalePostmasterFile, type FoundServer } from './postmaster-file.ts';
import { serverAccount } from './server-account.ts';
import { serverFiles, type ServerFiles } from './server-files.ts';
import { choosePort, recordPort } from './server-port.ts';
import { serverSettings } from './settings.ts';
import { spawnServer, type Lifetime, type SpawnOptions } from './spawn-server.ts';
import { startFailure } from './start-failure.ts';

/** What is asked of the launcher. */
export interface StartOptions {
  /** Everything of the server lies in it: data, log, password. Made if it is missing. */
  readonly folder: string;
  /** 0 or absent: the port of last time, or a free one. */
  readonly port?: number;
  readonly settings?: Readonly<Record<string, string>>;
  readonly lifetime: Lifetime;
  /** The data folder survives a power cut right after it was made. Default: what the lifetime suggests. */
  readonly durable?: boolean;
  /** How long a start may take; recovery after a crash is part of it. Default: a minute. */
  readonly patienceSeconds?: number;
}

/** A server that accepts connections on 127.0.0.1, with SCRAM only. */
export interface RunningServer {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly pid: number;
  readonly started: string;
  readonly files: ServerFiles;
  /** It ran before; nothing was started. */
  readonly takenOver: boolean;
}

/**
 * Starts the server of a folder, or takes over the one that already runs for it (a runtime was killed, its
 * server was not). Port, settings and lifetime then stay what they are.
 *
 * Errors: `PORT_IN_USE`, `FOLDER_IN_USE`, `FOLDER_MISMATCH`, `FOLDER_FORBIDDEN`, `NO_ROOM`, `NOT_SUPPORTED`,
 * `SERVER_FAILED` for the rest.
 */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const files = serverFiles(resolve(options.folder));
  const [binaries, account] = await Promise.all([postgresBinaries(), serverAccount()]);
  const durable = options.durable ?? options.lifetime === 'detached';
  await initialise({ files, account, binaries, randomBytes: (length) => randomBytes(length), durable });
  const giveUpAt = performance.now() + (options.patienceSeconds ?? 60) * 1000;

  const present = await readyServer(files, giveUpAt);
  if (present) return present;
  await removeStalePostmasterFile(files);
  return startOnSomePort({ files, binaries, account, lifetime: options.lifetime }, options, giveUpAt);
}

/** The server that runs already. One that is starting is waited for; one that is stopping will be gone. */
async function readyServer(files: ServerFiles, giveUpAt: number): Promise<RunningServer | undefined> {
  for (;;) {
    const seen = await findServer(files);
    if (!seen) return undefined;
    if (seen.isReady) return runningServer(files, seen, true);
    if (performance.now() > giveUpAt) {
      throw new LockstepError(
        'SERVER_FAILED',
        `the server that runs for ${files.folder} (process ${seen.pid}) neither becomes ready nor ends; see ${files.log}`,
      );
    }
    await sleep(50);
  }
}

async function startOnSomePort(
  program: Omit<SpawnOptions, 'settings'>,
  { port = 0, settings }: StartOptions,
  giveUpAt: number,
): Promise<RunningServer> {
  const { files } = program;
  for (let attempt = 1; ; attempt += 1) {
    const choice = await choosePort(files, port);
    try {
      const child = await startOn(
        { ...program, settings: serverSettings(files, choice.port, settings) },
        choice.port,
        giveUpAt,
      );
      await recordPort(files, child.port);
      return child;
    } catch (error) {
      // Another process was quicker than we, on a port that was free when we looked.
      if (!choice.isFree || attempt >= 3 || !isLockstepError(error, 'PORT_IN_USE')) throw error;
    }
  }
}

async function startOn(options: SpawnOptions, port: number, giveUpAt: number): Promise<RunningServer> {
  const { files } = options;
  const { child, logStarts } = await spawnServer(options);
  let failure: unknown;
  child.once('error', (error) => (failure = error));
  for (;;) {
    const found = await findServer(files);
    if (found?.isReady) return runningServer(files, found, false);
    const ended = failure !== undefined || hasEnded(child);
    if (ended || performance.now() > giveUpAt) {
      if (!ended) child.kill('SIGKILL');
      const said = await readFrom(files.log, logStarts);
      throw startFailure(said, { doing: 'the start of PostgreSQL', where: files.log, port }, failure);
    }
    await sleep(20);
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null;

const runningServer = (
  files: ServerFiles,
  { pid, started, port }: FoundServer,
  takenOver: boolean,
): RunningServer => ({
  host: '127.0.0.1',
  port,
  pid,
  started,
  files,
  takenOver,
});

/** What was appended to a file; at most its last 64 KB. */
async function readFrom(path: string, position: number): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const from = Math.max(position, size - 65_536);
    const { buffer, bytesRead } = await file.read({ position: from, length: Math.max(0, size - from) });
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
