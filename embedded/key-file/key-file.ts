import { existsSync, mkdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { foreignName, LockstepError } from '../../lambdas/core/errors.ts';
import { isSystemError, writeOnce } from '../files/write-once.ts';

/** A key file and what it is for, in a few words that finish "the key that …". */
export interface KeyFile {
  readonly path: string;
  readonly purpose: string;
}

/**
 * Reads a key file, or makes it with what `make` answers. Mode 0600 when made; refused (`STORE_FORBIDDEN`)
 * where group or others have any right to it, as ssh refuses such a key: it may have been copied already.
 *
 * A key is written once, whole, and never replaced: of two processes that make it at once, one wins.
 */
export function readOrMakeKey(file: KeyFile, make: () => string): string {
  if (!existsSync(file.path)) makeKey(file, make());
  return readKey(file);
}

/** Reads a key file that must exist. */
export function readKey({ path, purpose }: KeyFile): string {
  try {
    const mode = statSync(path).mode & 0o777;
    if ((mode & 0o077) !== 0) {
      throw new LockstepError(
        'STORE_FORBIDDEN',
        `the key that ${purpose} lies in ${path} with mode ${mode.toString(8)}, expected 600: others may have read it. Run chmod 600 on it if you know that nobody has`,
      );
    }
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw keyError({ path, purpose }, error);
  }
}

function makeKey(file: KeyFile, content: string): void {
  try {
    mkdirSync(dirname(file.path), { recursive: true, mode: 0o700 });
    writeOnce(file.path, content, 0o600);
  } catch (error) {
    throw keyError(file, error);
  }
}

function keyError({ path, purpose }: KeyFile, error: unknown): unknown {
  if (error instanceof LockstepError) return error;
  const seen = foreignName(error);
  if (isSystemError(error, 'ENOSPC', 'EDQUOT')) {
    return new LockstepError('NO_ROOM', `no room for the key that ${purpose} in ${path} (${seen})`, {
      cause: error,
    });
  }
  if (isSystemError(error, 'ENOENT')) {
    const gone = `the key that ${purpose} is not in ${path}, and what it was used for is; put it back. Nothing was overwritten`;
    return new LockstepError('STORE_FORBIDDEN', gone, { cause: error });
  }
  const message = `the key that ${purpose} in ${path} cannot be read or made (${seen}); give this user the right to it`;
  return new LockstepError('STORE_FORBIDDEN', message, { cause: error });
}

/**
 * Refuses a key file inside the folder of what it protects: whoever copies or backs up that folder would
 * carry both. Links are followed, so the folder must exist.
 */
export function demandOutside({ path, purpose }: KeyFile, folder: string): void {
  const keyFolder = resolve(dirname(path));
  const real = existsSync(keyFolder) ? realpathSync(keyFolder) : keyFolder;
  const way = relative(realpathSync(folder), real);
  if (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)) {
    throw new LockstepError(
      'STORE_FORBIDDEN',
      `the key that ${purpose} would lie in ${path}, inside the folder that it protects; keep it somewhere else`,
    );
  }
}
