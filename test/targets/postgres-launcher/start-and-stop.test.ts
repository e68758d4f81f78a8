import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { readBootstrapSecret } from '../../../embedded/postgres/bootstrap-secret.ts';
import { startServer, type RunningServer } from '../../../embedded/postgres/start-server.ts';
import { stopServer } from '../../../embedded/postgres/stop-server.ts';
import { findProcess } from '../../../embedded/postgres/system-process.ts';
import { LauncherBed, until } from './launcher-bed.ts';

const bed = new LauncherBed();
afterAll(() => bed.end());
const settings = { fsync: 'off' };
const start = (folder: string, more: { readonly port?: number } = {}): Promise<RunningServer> =>
  startServer({ folder, lifetime: 'with-parent', settings, ...more });

async function codeOfLogin(server: RunningServer, password: string): Promise<string> {
  const client = new Client({ host: server.host, port: server.port, user: 'postgres', password, ssl: false });
  try {
    await client.connect();
    return 'works';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'no code';
  } finally {
    await client.end().catch(() => undefined);
  }
}

describe('a started server', () => {
  it('lets in by SCRAM alone, from this machine alone, and keeps its files to itself', async () => {
    const folder = await bed.folder();
    const server = await start(folder);
    const password = (await readBootstrapSecret(server.files)).reveal();

    expect([
      await codeOfLogin(server, password),
      await codeOfLogin(server, 'fake'),
      await codeOfLogin(server, ' '),
    ]).toEqual(['works', '28P01', '28P01']);
    const rules = (await readFile(join(server.files.data, 'pg_hba.conf'), 'utf8'))
      .split('\n')
      .filter((line) => /^\w/.test(line));
    expect(rules.length).toBeGreaterThan(3);
    for (const rule of rules) expect(rule).toMatch(/scram-sha-256$/);

    const modes = await Promise.all(
      [server.files.bootstrap, server.files.log, server.files.data].map(
        async (path) => (await stat(path)).mode & 0o777,
      ),
    );
    expect(modes).toEqual([0o600, 0o600, 0o700]);
    expect((await stat(join(server.files.data, `.s.PGSQL.${server.port}`))).isSocket()).toBe(true);

    await stopServer(folder);
  });

  const outside = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.internal === false && one.family === 'IPv4');
  it.skipIf(!outside)('does not listen on the addresses that others reach this machine by', async () => {
    const folder = await bed.folder();
    const { port } = await start(folder);
    const refused = await new Promise<boolean>((resolve) => {
      const socket = connect(port, outside?.address ?? '');
      socket.once('connect', () => resolve(false)).once('error', () => resolve(true));
    });
    expect(refused).toBe(true);
    await stopServer(folder);
  });
});

describe('a server that is started again', () => {
  it('stops, and starts again on the port that values in the vault name', async () => {
    const folder = await bed.folder();
    const first = await start(folder);
    await stopServer(folder);
    expect((await findProcess(first.pid))?.isZombie ?? true).toBe(true);
    await stopServer(folder);

    const second = await start(folder);
    expect([second.port, second.takenOver]).toEqual([first.port, false]);
    expect(second.pid).not.toBe(first.pid);
    await stopServer(folder);
  });

  it('is taken over by whoever starts it again', async () => {
    const folder = await bed.folder();
    const first = await startServer({ folder, lifetime: 'detached', settings, durable: false });
    const second = await start(folder);
    expect(second).toEqual({ ...first, takenOver: true });
    await stopServer(folder);
  });

  it('leaves no half-made data folder that looks like a whole one', async () => {
    const folder = await bed.folder();
    // given what a process leaves that died while it made one
    await mkdir(join(folder, 'data.new'));
    await writeFile(join(folder, 'data.new', 'PG_VERSION'), '16\n');
    const server = await start(folder);
    expect(server.takenOver).toBe(false);
    await expect(stat(join(folder, 'data.new'))).rejects.toThrow('ENOENT');
    await stopServer(folder);
  });
});

describe('a suite’s server', () => {
  it('is gone soon after its parent was killed, and leaves no pid file', async () => {
    const folder = await bed.folder();
    const { child, said } = await bed.standIn(['suite', folder]);
    expect((await findProcess(Number(said['pid'])))?.isZombie).toBe(false);

    child.kill('SIGKILL');

    await until(async () => (await findProcess(Number(said['pid'])))?.isZombie ?? true);
    await expect(stat(join(folder, 'data', 'postmaster.pid'))).rejects.toThrow('ENOENT');
    expect(await readFile(join(folder, 'server.log'), 'utf8')).toContain('received fast shutdown request');
  });
});

describe('a port that somebody else has', () => {
  it('is named, and nothing is started', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const folder = await bed.folder();

    await expect(start(folder, { port })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining(String(port)) as string,
    });

    // and once it is free, the same start works
    await new Promise((resolve) => other.close(resolve));
    expect((await start(folder, { port })).port).toBe(port);
    await stopServer(folder);
  });

  it('is not exchanged for another one behind the back of the vault', async () => {
    const folder = await bed.folder();
    const { port } = await start(folder);
    await stopServer(folder);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));

    await expect(start(folder)).rejects.toMatchObject({ code: 'PORT_IN_USE' });

    await new Promise((resolve) => other.close(resolve));
  });
});
