import { readFile, rename, writeFile } from 'node:fs/promises';
import { freePort } from '../ports/free-port.ts';
import type { ServerFiles } from './server-files.ts';

/** Which port a server is started on, and why. */
export interface PortChoice {
  readonly port: number;
  /** Nobody has named it yet, so another one does as well. */
  readonly isFree: boolean;
}

/**
 * The port asked for; else the one of last time, because values in the vault name it; else any free one.
 *
 * @param wanted 0 to let us choose
 */
export async function choosePort(files: ServerFiles, wanted: number): Promise<PortChoice> {
  if (wanted !== 0) return { port: wanted, isFree: false };
  const last = await recordedPort(files);
  return last === undefined ? { port: await freePort(), isFree: true } : { port: last, isFree: false };
}

/** The port that this folder's server last ran on. */
async function recordedPort({ port: file }: ServerFiles): Promise<number | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const port = Number(text.trim());
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

/** Remembers the port of a server that runs. A crash leaves the old file or the new one. */
export async function recordPort({ port: file }: ServerFiles, port: number): Promise<void> {
  await writeFile(`${file}.new`, `${port}\n`, { mode: 0o644 });
  await rename(`${file}.new`, file);
}
