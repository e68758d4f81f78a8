import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection, type Connection } from 'mysql2/promise';
import type { Secret } from '../../../lambdas/core/secret.ts';
import { DATABASE, prepared, READER, WRITER, type MysqlServer } from '../../leasers/mysql/subject.ts';
import type { SelfSigned } from '../../outbound/self-signed.ts';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** A real MySQL, prepared for leases. */
export interface RealMysql {
  readonly server: MysqlServer;
  readonly value: Secret;
  readonly admin: Connection;
  readonly process: ChildProcess;
  readonly folder: string;
}

/** Makes a server of that program in a folder of its own, with a certificate, and starts it. */
export async function startMysql(path: string, certificate: SelfSigned): Promise<RealMysql> {
  const [folder, port] = [await mkdtemp(join(tmpdir(), 'lockstep-mysql-')), await freePort()];
  const file = (name: string): string => join(folder, name);
  await Promise.all([
    writeFile(file('cert.pem'), certificate.cert),
    writeFile(file('key.pem'), certificate.key),
  ]);
  const given = (process.env['LOCKSTEP_MYSQL_SETTINGS'] ?? '').split(' ').filter((word) => word !== '');
  const common = ['--no-defaults', ...given, `--datadir=${file('data')}`];
  const made = spawn(path, [...common, '--initialize-insecure'], { stdio: 'ignore' });
  const [code] = (await once(made, 'exit')) as readonly unknown[];
  if (code !== 0) throw new Error(`the data folder was not made (${String(code)})`);
  const settings = {
    port,
    'bind-address': '127.0.0.1',
    socket: file('socket'),
    'pid-file': file('pid'),
    'log-error': file('error.log'),
    'general-log': 'ON',
    'general-log-file': file('general.log'),
    'secure-file-priv': '',
    'ssl-ca': file('cert.pem'),
    'ssl-cert': file('cert.pem'),
    'ssl-key': file('key.pem'),
    mysqlx: 'OFF',
    'log-bin': file('changes'),
  };
  const words = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
  const child = spawn(path, [...common, ...words], { stdio: 'ignore' });
  const admin = await connected(port);
  await admin.query(`ALTER USER root@localhost IDENTIFIED BY '${randomBytes(16).toString('hex')}'`);
  const run = async (sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> => {
    const [rows] = await admin.query(sql);
    return Array.isArray(rows) ? (rows as readonly Readonly<Record<string, unknown>>[]) : [];
  };
  const names = [`CREATE DATABASE ${DATABASE}`, `CREATE ROLE ${READER}, ${WRITER}, stranger`];
  const rights = [`GRANT SELECT ON ${DATABASE}.* TO ${READER}`, `GRANT ALL ON ${DATABASE}.* TO ${WRITER}`];
  // A role is an account that its maker could open: this one is nobody's to open.
  for (const sql of [...names, ...rights, 'GRANT SYSTEM_USER ON *.* TO stranger']) await run(sql);
  const written = async (): Promise<string> =>
    JSON.stringify(await run('SELECT * FROM mysql.user')) +
    (await readFile(file('general.log'), 'utf8')) +
    (await readFile(file('error.log'), 'utf8')) +
    (await readFile(file('changes.000001'), 'latin1'));
  const server = { port, admin: run, written };
  return { server, value: await prepared(server), admin, process: child, folder };
}

async function connected(port: number): Promise<Connection> {
  for (let attempt = 0; ; attempt += 1) {
    const client = await createConnection({ host: '127.0.0.1', port, user: 'root' }).catch(() => undefined);
    if (client) return client;
    if (attempt > 300) throw new Error('the server did not start');
    await sleep(100);
  }
}

/** Ends it, and leaves nothing of it. */
export async function stopMysql({ admin, process: child, folder }: RealMysql): Promise<void> {
  admin.destroy();
  const ended = once(child, 'exit');
  child.kill();
  await ended;
  await rm(folder, { recursive: true, force: true });
}
