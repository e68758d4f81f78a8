import { execFile } from 'node:child_process';
import { appendFile, chown, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { RandomBytes } from '../../lambdas/core/ports/ids.ts';
import { isSystemError, syncFolder } from '../files/write-once.ts';
import type { PostgresBinaries } from './binaries.ts';
import { makeBootstrapSecret } from './bootstrap-secret.ts';
import { runAs } from './run-as.ts';
import type { ServerAccount } from './server-account.ts';
import type { ServerFiles } from './server-files.ts';
import { CLEAN_ENVIRONMENT } from './settings.ts';
import { startFailure } from './start-failure.ts';

/** What a data folder is made with. */
export interface InitialiseOptions {
  readonly files: ServerFiles;
  readonly account: ServerAccount | undefined;
  readonly binaries: PostgresBinaries;
  readonly randomBytes: RandomBytes;
  /** Survives a power cut right after. Tests do without. */
  readonly durable: boolean;
}

/**
 * Makes the data folder, unless there is one. It is made beside its place and moved there when it is whole,
 * so a process that dies in the middle leaves nothing that looks like one. One process at a time: the
 * runtime's own lock on its folder sees to that.
 */
export async function initialise(options: InitialiseOptions): Promise<void> {
  const { files, account, binaries } = options;
  await makeServerFolder(files);
  if (await isInitialised(files, binaries)) return;
  await makeBootstrapSecret(files, account, options.randomBytes);
  await rm(files.draft, { recursive: true, force: true });
  await makeFolder(files.draft, 0o700);
  if (account) await chown(files.draft, account.uid, account.gid);
  await runInitdb(options);
  await rename(files.draft, files.data);
  syncFolder(files.folder);
}

/** Makes the folder of a server: to be passed through, because its account has to get to the data, not to be listed. */
export const makeServerFolder = ({ folder }: ServerFiles): Promise<void> => makeFolder(folder, 0o711);

async function makeFolder(path: string, mode: number): Promise<void> {
  await mkdir(path, { recursive: true, mode }).catch((error: unknown) => {
    if (isSystemError(error, 'ENOSPC', 'EDQUOT')) {
      throw new LockstepError('NO_ROOM', `there is no room to make ${path}`, { cause: error });
    }
    throw new LockstepError(
      'FOLDER_FORBIDDEN',
      `${path} could not be made; give its owner the right to write there`,
      {
        cause: error,
      },
    );
  });
}

async function isInitialised({ data }: ServerFiles, { postgres }: PostgresBinaries): Promise<boolean> {
  const found = await readFile(join(data, 'PG_VERSION'), 'utf8').catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw new LockstepError(
      'FOLDER_FORBIDDEN',
      `${data} cannot be read by this user; run as the user who made it, or remove its folder to start with an empty database`,
      { cause: error },
    );
  });
  if (found === undefined) return false;
  const expected = await majorVersion(postgres);
  if (found.trim() === expected) return true;
  throw new LockstepError(
    'FOLDER_MISMATCH',
    `${data} was made by PostgreSQL ${/^\d+$/.test(found.trim()) ? found.trim() : 'of an unreadable version'} and this is PostgreSQL ${expected}; ` +
      'go back to the release of Lockstep that made it, or remove its folder to start with an empty database',
  );
}

async function majorVersion(postgres: string): Promise<string> {
  const { stdout } = await promisify(execFile)(postgres, ['--version'], { env: CLEAN_ENVIRONMENT });
  return /(\d+)(?:\.|[a-z])/.exec(stdout)?.[1] ?? 'unknown';
}

async function runInitdb({ files, account, binaries, durable }: InitialiseOptions): Promise<void> {
  const { initdb, postgres } = binaries;
  const way = await runAs(account, [initdb, postgres, files.draft]);
  const wanted = [
    `--pgdata=${files.draft}`,
    '--username=postgres',
    `--pwfile=${files.bootstrap}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    ...(durable ? [] : ['--no-sync']),
  ];
  const { file, args } = way.command(initdb, wanted);
  const run = promisify(execFile)(file, [...args], { ...way.options, cwd: '/', env: CLEAN_ENVIRONMENT });
  await run.catch(async (error: unknown) => {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
    // A full disk keeps this from being written, too; the error says so without it.
    await appendFile(files.log, said, { mode: 0o600 }).catch(() => undefined);
    throw startFailure(said, { doing: 'initdb', where: files.log }, error);
  });
}
