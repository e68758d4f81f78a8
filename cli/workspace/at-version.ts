import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { LockstepError } from '../../lambdas/core/errors.ts';

const run = promisify(execFile);

/** One version of a workspace, laid out in a folder of its own. */
export interface LaidOut {
  readonly folder: string;
  /** The whole name of the commit. */
  readonly commit: string;
}

/**
 * Lays out what a workspace was in one version, works with it, and removes it again. The repository, its index and its
 * work tree stay as they are. Throws `COMMAND_INVALID` where git knows no such version, `NOTHING_REACHABLE` where the
 * folder is in no repository, or git is not there.
 */
export async function atVersion<T>(
  folder: string,
  ref: string,
  work: (version: LaidOut) => Promise<T>,
): Promise<T> {
  const prefix = await git(folder, ['rev-parse', '--show-prefix']).catch((error: unknown) => {
    throw new LockstepError('NOTHING_REACHABLE', `${folder} is in no git repository that can be read`, {
      cause: error,
    });
  });
  // What was given may be a branch, a tag or a commit, and never an option.
  const commit = await git(folder, [
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${ref}^{commit}`,
  ]).catch((error: unknown) => {
    throw new LockstepError(
      'COMMAND_INVALID',
      'git knows no version of that name here; fetch it, or name another one',
      { cause: error },
    );
  });
  const place = mkdtempSync(join(tmpdir(), 'lockstep-version-'));
  try {
    const laidOut = join(place, 'workspace');
    const top = await git(folder, ['rev-parse', '--show-toplevel']);
    await layOut(top, { tree: `${commit}:${prefix}`, index: join(place, 'index'), laidOut });
    linkPackages(folder, laidOut);
    return await work({ folder: laidOut, commit });
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

interface Layout {
  readonly tree: string;
  readonly index: string;
  readonly laidOut: string;
}

/** @param top of the work tree: below it, git would look for the folder inside of the folder */
async function layOut(top: string, { tree, index, laidOut }: Layout): Promise<void> {
  // An index of our own: the one of the repository is somebody's unfinished commit.
  const variables = { GIT_INDEX_FILE: index };
  mkdirSync(laidOut);
  try {
    await git(top, ['read-tree', tree], variables);
    await git(top, ['checkout-index', '--all', '--quiet', `--prefix=${laidOut}/`], variables);
  } catch (error) {
    throw new LockstepError('COMMAND_INVALID', 'that version does not have this folder', { cause: error });
  }
}

/** What the file imports is what is installed now: git has no packages. */
function linkPackages(folder: string, laidOut: string): void {
  const link = join(laidOut, 'node_modules');
  for (let at = folder; !existsSync(link); at = dirname(at)) {
    const packages = join(at, 'node_modules');
    if (existsSync(packages)) symlinkSync(packages, link);
    if (at === dirname(at)) return;
  }
}

async function git(
  folder: string,
  words: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { stdout } = await run('git', ['-C', folder, ...words], { env: { ...process.env, ...variables } });
  return stdout.trim();
}
