import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BEDS_FOLDER } from './install-beds.ts';
import { isRunning } from './is-running.ts';

/** Folders of one process each, named after it. */
interface Place {
  readonly folder: string;
  readonly prefix: string;
}

const LOGS: Place = { folder: join(BEDS_FOLDER, 'runs'), prefix: '' };
/** Outside of the repository: code that a bed unpacks below its package.json would be taken for ES modules. */
const SCRATCH: Place = { folder: tmpdir(), prefix: 'lockstep-beds-' };

/**
 * Where the log of each bed of this process is, so that two runs at once keep apart. What earlier runs left is taken
 * away when the next one starts: until then their logs can be read.
 */
export const runFolder = (): string => ownFolder(LOGS);

/** Where the beds of this process put files that nobody needs afterwards. */
export const scratchFolder = (): string => ownFolder(SCRATCH);

/** Takes away what the beds of this process wrote, and leaves their logs. */
export const clearScratch = (): void => rmSync(scratchFolder(), { recursive: true, force: true });

function ownFolder(place: Place): string {
  const own = join(place.folder, `${place.prefix}${process.pid}`);
  if (!existsSync(own)) sweep(place);
  mkdirSync(own, { recursive: true });
  return own;
}

/** Takes away the folders of processes that are gone, of those that were killed and cleared nothing. */
export function sweep({ folder, prefix }: Place): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length)) : Number.NaN;
    if (Number.isInteger(pid) && !isRunning(pid))
      rmSync(join(folder, name), { recursive: true, force: true });
  }
}
