import { readFile, stat } from 'node:fs/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { attendServer, type AttendedServer } from '../../../embedded/postgres/attend-server.ts';
import { livingKeeper, readKeeperRecord } from '../../../embedded/postgres/keeper-record.ts';
import { findServer } from '../../../embedded/postgres/postmaster-file.ts';
import { serverFiles } from '../../../embedded/postgres/server-files.ts';
import { isRunning } from '../../../embedded/postgres/system-process.ts';
import { LauncherBed, until } from './launcher-bed.ts';

const bed = new LauncherBed();
afterAll(() => bed.end());

const attend = (folder: string, idleLimitSeconds: number): Promise<AttendedServer> =>
  attendServer({
    folder,
    settings: { fsync: 'off' },
    durable: false,
    beatEverySeconds: 0.2,
    patience: { checkEverySeconds: 0.2, idleLimitSeconds, absentLimitSeconds: 30 },
    onError: () => undefined,
  });

describe('the server of a runtime', () => {
  it('outlives it, is taken over by the next one, and ends when none comes any more', async () => {
    const folder = await bed.folder();
    const files = serverFiles(folder);
    const { child, said } = await bed.standIn(['runtime', folder, '5']);
    const keeper = await livingKeeper(files);

    // when the runtime is killed and another one comes
    child.kill('SIGKILL');
    const next = await attend(folder, 5);
    expect(next.server).toMatchObject({ pid: said['pid'], port: said['port'], takenOver: true });
    expect(await livingKeeper(files)).toEqual(keeper);

    // then it is kept for far longer than the limit
    await new Promise((resolve) => setTimeout(resolve, 8000));
    expect(await isRunning(next.server)).toBe(true);
    expect((await readKeeperRecord(files))?.server).toMatchObject({
      pid: next.server.pid,
      port: next.server.port,
    });

    // and once nobody shows himself, it ends, and its keeper after it
    await next.release();
    await until(
      async () => (await findServer(files)) === undefined && (await livingKeeper(files)) === undefined,
    );
    expect(await readFile(files.log, 'utf8')).toContain('received fast shutdown request');
    await expect(stat(files.keeper)).rejects.toThrow('ENOENT');
    expect(await readFile(files.keeperLog, 'utf8')).toBe('');
  });

  it('survives its keeper, and gets another one', async () => {
    const folder = await bed.folder();
    const files = serverFiles(folder);
    const attended = await attend(folder, 60);
    const keeper = await livingKeeper(files);
    if (!keeper) throw new Error('it has a keeper');

    process.kill(keeper.pid, 'SIGKILL');

    await until(async () => {
      const another = await livingKeeper(files);
      return another !== undefined && another.pid !== keeper.pid;
    });
    expect(await isRunning(attended.server)).toBe(true);
    await attended.release();
  });

  it('that died is started again on the same port', async () => {
    const folder = await bed.folder();
    const files = serverFiles(folder);
    const attended = await attend(folder, 60);

    process.kill(attended.server.pid, 'SIGQUIT');

    await until(async () => {
      const found = await findServer(files);
      return found !== undefined && found.pid !== attended.server.pid && found.isReady;
    });
    expect((await findServer(files))?.port).toBe(attended.server.port);
    await attended.release();
  });
});
