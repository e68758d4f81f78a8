import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import type { PostgresBinaries } from './binaries.ts';
import { runAs } from './run-as.ts';
import type { ServerAccount } from './server-account.ts';
import type { ServerFiles } from './server-files.ts';
import { CLEAN_ENVIRONMENT, settingArguments } from './settings.ts';

/** How long a server lives: as long as its parent (test suites), or until it is stopped (the runtime). */
export type Lifetime = 'with-parent' | 'detached';

/** What is started. */
export interface SpawnOptions {
  readonly files: ServerFiles;
  readonly binaries: PostgresBinaries;
  readonly account: ServerAccount | undefined;
  readonly settings: Readonly<Record<string, string>>;
  readonly lifetime: Lifetime;
}

/**
 * Ends the server when its standard input ends, which it does with the parent, however that one dies. A
 * server that ends by itself ends the shell with its status.
 */
const STOP_AT_END_OF_INPUT = `
  exec 3<&0
  "$0" "$@" </dev/null 3<&- &
  server=$!
  trap "" INT TERM
  ( cat <&3 >/dev/null; kill -INT "$server" 2>/dev/null ) &
  watcher=$!
  exec 3<&-
  wait "$server"
  status=$?
  kill "$watcher" 2>/dev/null
  exit "$status"
`;

/** A log that has grown beyond this is put aside when the server starts, in bytes. */
const LONGEST_LOG = 64 * 1024 * 1024;

/** A program that was started. */
export interface SpawnedServer {
  readonly child: ChildProcess;
  /** Where in the log its own words begin, in bytes. */
  readonly logStarts: number;
}

/** Starts the program, in a session of its own so that Ctrl-C is not for it. Whether it works is not known yet. */
export async function spawnServer(options: SpawnOptions): Promise<SpawnedServer> {
  const { files, binaries, account, settings, lifetime } = options;
  const way = await runAs(account, [binaries.postgres, files.data]);
  const wanted = [binaries.postgres, '-D', files.data, ...settingArguments(settings)];
  const [program = '', ...rest] =
    lifetime === 'detached' ? wanted : ['/bin/sh', '-c', STOP_AT_END_OF_INPUT, ...wanted];
  const { file, args } = way.command(program, rest);
  await putLongLogAside(files);
  // Opened by us, so that it belongs to us and the server can only append.
  const log = openSync(files.log, 'a', 0o600);
  const logStarts = fstatSync(log).size;
  try {
    const child = spawn(file, args, {
      ...way.options,
      cwd: '/',
      env: CLEAN_ENVIRONMENT,
      detached: true,
      stdio: [lifetime === 'detached' ? 'ignore' : 'pipe', log, log],
    });
    child.unref();
    letGo(child);
    return { child, logStarts };
  } finally {
    closeSync(log);
  }
}

/** The pipe to the child stays open as long as we live, but is no reason to live. */
function letGo({ stdin }: ChildProcess): void {
  if (stdin && 'unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
}

async function putLongLogAside({ log }: ServerFiles): Promise<void> {
  const size = await stat(log).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LONGEST_LOG) await rename(log, `${log}.1`);
}
