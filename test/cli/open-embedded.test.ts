import { createServer, type Server } from 'node:net';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Connection } from '../../cli/connection/connection.ts';
import { openEmbedded } from '../../cli/connection/open-embedded.ts';
import { ownIdentity } from '../../embedded/postgres/system-process.ts';
import { lockFolder, type HeldLock } from '../../embedded/runtime/single-runtime.ts';
import { worldFolder, type WorldFolder } from '../../embedded/world/world-folder.ts';
import { PipelineDouble } from './a-connection.ts';

const TIMEOUTS = { orderSeconds: 5, querySeconds: 5 };

let workspace: string;
let folder: WorldFolder;
let opened: HeldLock[];
let server: Server | undefined;
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'lockstep-cli-'));
  folder = worldFolder(workspace);
  opened = [];
});
afterEach(async () => {
  for (const lock of opened) lock.release();
  if (server) await new Promise((resolve) => server?.close(resolve));
  server = undefined;
  rmSync(workspace, { recursive: true, force: true });
});

/** Leaves what a world leaves: a ledger, and perhaps the record of a runtime. */
function aWorld(record?: object): void {
  mkdirSync(dirname(folder.stores.ledger), { recursive: true });
  writeFileSync(folder.stores.ledger, '');
  if (record) writeFileSync(folder.runtime, JSON.stringify(record));
}

/** Opens the files as the real one begins: under the lock. */
async function openFiles(): Promise<Connection> {
  opened.push(lockFolder(folder.lock));
  const files = new PipelineDouble();
  files.via = 'files';
  return files;
}

const open = (): Promise<Connection> =>
  openEmbedded({ folder, operator: 'alice', timeouts: TIMEOUTS, openFiles });

describe('reaching the embedded world of a folder', () => {
  it('makes nothing in a folder that has none, and says what to do', async () => {
    await expect(open()).rejects.toMatchObject({ code: 'NOTHING_REACHABLE' });
    await expect(open()).rejects.toThrow(/npm start.*--folder.*--stage/);
    expect(readdirSync(workspace)).toEqual([]);
  });

  it('goes to the runtime that listens', async () => {
    const control = join(workspace, 'control.sock');
    server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server?.listen(control, resolve));
    aWorld({ ...(await ownIdentity()), control });
    const connection = await open();
    expect(connection.via).toBe('runtime');
    expect(opened).toEqual([]);
  });

  it.each([
    ['no runtime has left a record', undefined],
    [
      'a killed one has left its record and its socket',
      { pid: 4_194_304, started: '1', control: '/nowhere/control.sock' },
    ],
    ['the record was cut short', { pid: 'half' }],
  ])('opens the files where %s', async (_how, record) => {
    aWorld(record);
    expect((await open()).via).toBe('files');
  });

  it('opens no files where only a runtime is wanted', async () => {
    aWorld();
    await expect(openEmbedded({ folder, operator: 'alice', timeouts: TIMEOUTS })).rejects.toMatchObject({
      code: 'NOTHING_REACHABLE',
    });
    expect(existsSync(folder.lock)).toBe(false);
  });

  it('says who holds the folder when neither socket nor files can be had', async () => {
    aWorld({ ...(await ownIdentity()), control: join(workspace, 'gone.sock') });
    opened.push(lockFolder(folder.lock));
    await expect(open()).rejects.toMatchObject({ code: 'FOLDER_IN_USE' });
    await expect(open()).rejects.toThrow(new RegExp(`process ${process.pid}.*nobody listens on its socket`));
  });

  it('says that somebody starts or stops when the holder has no record', async () => {
    aWorld();
    opened.push(lockFolder(folder.lock));
    await expect(open()).rejects.toThrow(/starting or stopping, or another command/);
  });
});
