import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../ports/free-port.ts';
import { replaceFile } from './replace-file.ts';

/** Where a double listens. */
export interface Endpoint {
  readonly apiUrl: string;
  readonly port: number;
  readonly pid: number;
  /** When that process started, so that a number that is used again is not taken for it. */
  readonly started: string;
}

const endpointPath = (folder: string): string => join(folder, 'endpoint.json');

/**
 * The one port of a folder: the one it had before, or a free one, written down before anybody listens there. Two
 * processes for one folder so want the same port, and one of them fails before it has touched anything.
 */
export async function reservePort(folder: string): Promise<number> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const free = await freePort();
  try {
    const file = openSync(endpointPath(folder), 'wx', 0o600);
    try {
      writeFileSync(file, JSON.stringify({ port: free }));
    } finally {
      closeSync(file);
    }
    return free;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    return formerPort(folder) ?? free;
  }
}

/** Says where the double listens now. */
export const writeEndpoint = (folder: string, endpoint: Endpoint): void =>
  replaceFile(endpointPath(folder), JSON.stringify(endpoint));

function formerPort(folder: string): number | undefined {
  try {
    const endpoint: unknown = JSON.parse(readFileSync(endpointPath(folder), 'utf8'));
    const port =
      typeof endpoint === 'object' && endpoint !== null && 'port' in endpoint ? endpoint.port : undefined;
    return typeof port === 'number' && Number.isInteger(port) && port > 0 ? port : undefined;
  } catch {
    // Ended between making the file and writing it.
    return undefined;
  }
}
