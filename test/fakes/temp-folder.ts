import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';

/** A folder of its own for one test. */
export interface TempFolder {
  /** A path inside it. */
  readonly at: (...parts: readonly string[]) => string;
  readonly remove: () => void;
}

/** Makes one; the test removes it. */
export function tempFolder(): TempFolder {
  const path = mkdtempSync(join(tmpdir(), 'lockstep-test-'));
  return {
    at: (...parts) => join(path, ...parts),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** A new folder for each test; call it inside `describe`, and the result inside a test. */
export function inTempFolder(): () => TempFolder {
  let folder: TempFolder | undefined;
  beforeEach(() => {
    folder = tempFolder();
  });
  afterEach(() => folder?.remove());
  return () => {
    if (folder) return folder;
    throw new TypeError('there is a folder only inside a test');
  };
}
