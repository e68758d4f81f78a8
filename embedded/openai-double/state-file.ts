import { readFileSync } from 'node:fs';
import { replaceFile } from './replace-file.ts';
import { EMPTY, type StoredOrganization } from './stored.ts';

/** Where the organization survives the process. It holds digests of keys, never a key. */
export interface StateFile {
  readonly load: () => StoredOrganization;
  readonly save: (organization: StoredOrganization) => void;
}

/** A file that was not there is an organization with nothing in it; one that cannot be read is not overwritten. */
export const stateFile = (path: string): StateFile => ({
  load() {
    const text = read(path);
    if (text === undefined) return EMPTY;
    const stored = parse(text);
    if (stored) return stored;
    throw new Error(`${path} is not the state of this double; move it away to start with an empty one`);
  },
  save(organization) {
    replaceFile(path, JSON.stringify(organization));
  },
});

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Written by `save` alone and whole, so its lists are looked at and their items are not. */
function parse(text: string): StoredOrganization | undefined {
  try {
    const state: unknown = JSON.parse(text);
    return isStored(state) ? state : undefined;
  } catch {
    return undefined;
  }
}

const isStored = (state: unknown): state is StoredOrganization =>
  typeof state === 'object' &&
  state !== null &&
  'format' in state &&
  state.format === 1 &&
  ['projects', 'adminKeys', 'accounts', 'keys'].every((list) =>
    Array.isArray(Object.getOwnPropertyDescriptor(state, list)?.value),
  );
