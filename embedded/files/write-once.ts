import { closeSync, fsyncSync, linkSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes a file that must not exist yet: whole and durable, or not at all, whatever ends the process.
 *
 * @returns `exists` where there is one already, which is left as it is
 */
export function writeOnce(path: string, content: string, mode: number): 'written' | 'exists' {
  const draft = `${path}.${process.pid}.new`;
  try {
    rmSync(draft, { force: true });
    const file = openSync(draft, 'wx', mode);
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    // A link, because a rename would replace what another process has put there meanwhile.
    linkSync(draft, path);
    syncFolder(dirname(path));
    return 'written';
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return 'exists';
    throw error;
  } finally {
    discard(draft);
  }
}

/** Removes a draft. That it cannot be removed is no reason to fail: the next attempt does it first. */
export function discard(draft: string): void {
  try {
    rmSync(draft, { force: true });
  } catch {
    // Its folder is not even one, or not ours.
  }
}

/** Makes a folder's entries durable: without it a power cut can take back a link that was made. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** True for a file system error with one of these codes. */
export const isSystemError = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);
