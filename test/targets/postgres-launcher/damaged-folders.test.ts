import { execFileSync } from 'node:child_process';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startServer, type RunningServer } from '../../../embedded/postgres/start-server.ts';
import { stopServer } from '../../../embedded/postgres/stop-server.ts';
import { isRoot, LauncherBed, until } from './launcher-bed.ts';
import { findProcess } from '../../../embedded/postgres/system-process.ts';

const bed = new LauncherBed();
afterAll(() => bed.end());
const start = (folder: string): Promise<RunningServer> =>
  startServer({ folder, lifetime: 'with-parent', settings: { fsync: 'off' } });

/** A folder whose server has run and stopped. */
async function used(): Promise<{ readonly folder: string; readonly data: string; readonly port: number }> {
  const folder = await bed.folder();
  const { port, files } = await start(folder);
  await stopServer(folder);
  return { folder, data: files.data, port };
}

/** A process of the account that runs the server, and its pid. */
async function aStranger(script: string, cwd = '/'): Promise<number> {
  const account = isRoot ? { uid: Number(execFileSync('id', ['-u', 'postgres'])) } : {};
  const child = bed.spawn('/bin/sh', ['-c', script], {
    ...account,
    cwd,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return new Promise((resolve) =>
    child.stdout?.once('data', (bytes: Buffer) => resolve(Number(bytes.toString()))),
  );
}

const pidFileOf = (pid: number, { data, port }: { readonly data: string; readonly port: number }): string =>
  `${pid}\n${data}\n1795482889\n${port}\n${data}\n127.0.0.1\n 10061808         4\nready   \n`;

const leavePidFile = async (
  place: { readonly data: string; readonly port: number },
  pid: number,
): Promise<void> => {
  const file = join(place.data, 'postmaster.pid');
  await writeFile(file, pidFileOf(pid, place), { mode: 0o600 });
  const { uid, gid } = await stat(place.data);
  if (isRoot) execFileSync('chown', [`${uid}:${gid}`, file]);
};

describe('a pid file that an earlier server left', () => {
  it('of a process that is gone is no hindrance', async () => {
    const place = await used();
    await leavePidFile(place, 2 ** 22 - 1);
    expect(await start(place.folder)).toMatchObject({ takenOver: false, port: place.port });
    await stopServer(place.folder);
  });

  it('whose number belongs to a stranger by now is put aside', async () => {
    const place = await used();
    await leavePidFile(place, await aStranger('echo $$; exec sleep 60'));
    expect(await start(place.folder)).toMatchObject({ takenOver: false });
    await stopServer(place.folder);
  });

  it('whose number belongs to a zombie is put aside', async () => {
    const place = await used();
    // given a child that has ended and a parent that never asks after it
    const zombie = await aStranger('sleep 0.05 & echo $!; exec sleep 60');
    await until(async () => (await findProcess(zombie))?.isZombie === true);
    await leavePidFile(place, zombie);
    expect(await start(place.folder)).toMatchObject({ takenOver: false });
    await stopServer(place.folder);
  });

  it('is left while a child of that server still works in the folder', async () => {
    const place = await used();
    const child = await aStranger('echo $$; exec sleep 60', isRoot ? '/' : place.data);
    const orphan = bed.spawn('sleep', ['60'], { cwd: place.data });
    await leavePidFile(place, child);

    await expect(start(place.folder)).rejects.toMatchObject({
      code: 'FOLDER_IN_USE',
      message: expect.stringContaining(String(orphan.pid)) as string,
    });
    expect(await readFile(join(place.data, 'postmaster.pid'), 'utf8')).toContain(String(child));
  });

  it('is no reason to stop a stranger', async () => {
    const place = await used();
    const stranger = await aStranger('echo $$; exec sleep 60');
    await leavePidFile(place, stranger);
    await stopServer(place.folder);
    expect((await findProcess(stranger))?.isZombie).toBe(false);
  });
});

describe('a folder that cannot be used', () => {
  it('was made by another major version', async () => {
    const place = await used();
    await writeFile(join(place.data, 'PG_VERSION'), '15\n');
    await expect(start(place.folder)).rejects.toMatchObject({
      code: 'FOLDER_MISMATCH',
      message: expect.stringMatching(/made by PostgreSQL 15 and this is PostgreSQL 16/) as string,
    });
  });

  it('cannot be made', async () => {
    await expect(start('/dev/null/postgres')).rejects.toMatchObject({ code: 'FOLDER_FORBIDDEN' });
  });

  const canMount = isRoot && hasMount();
  it.skipIf(!canMount)('lies on a disk that is full', async () => {
    const folder = await bed.folder();
    const inner = join(folder, 'inner');
    await mkdir(inner);
    asRoot('mount', '-t', 'tmpfs', '-o', 'size=8m,mode=755', 'tmpfs', inner);
    try {
      await expect(start(inner)).rejects.toMatchObject({ code: 'NO_ROOM' });
    } finally {
      asRoot('umount', inner);
    }
  });

  function hasMount(): boolean {
    try {
      asRoot('unshare', '-m', 'mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', '/mnt');
      return true;
    } catch {
      return false;
    }
  }

  function asRoot(program: string, ...args: readonly string[]): void {
    execFileSync(program, [...args], { stdio: 'ignore' });
  }
});
