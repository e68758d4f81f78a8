import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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
