import { execFile } from 'node:child_process';
import { chmod, chown, cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { postgresBinaries } from '../../../embedded/postgres/binaries.ts';
import { runAs } from '../../../embedded/postgres/run-as.ts';
import { serverAccount } from '../../../embedded/postgres/server-account.ts';
import { startServer } from '../../../embedded/postgres/start-server.ts';
import { stopServer } from '../../../embedded/postgres/stop-server.ts';
import { isRoot, LauncherBed } from './launcher-bed.ts';

const bed = new LauncherBed();
afterAll(() => bed.end());

/** A folder below one that only root may enter, as a clone in /root or in a `mktemp -d` is. */
async function closedFolder(): Promise<{ readonly closed: string; readonly inner: string }> {
  const closed = await bed.folder();
  await chmod(closed, 0o700);
  return { closed, inner: join(closed, 'inner') };
}

/** The capabilities that a process may use, as the bits of capabilities(7). */
async function capabilitiesOf(
  pid: number,
): Promise<{ readonly effective: bigint; readonly bounding: bigint }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const bits = (name: string): bigint =>
    BigInt(`0x${new RegExp(`^${name}:\\s+(\\w+)$`, 'm').exec(status)?.[1] ?? '0'}`);
  return { effective: bits('CapEff'), bounding: bits('CapBnd') };
}

const DAC_OVERRIDE = 1n << 1n;
const DAC_READ_SEARCH = 1n << 2n;

describe.skipIf(!isRoot || process.platform !== 'linux')('as root', () => {
  it('the server runs as another user, without any capability where it needs none', async () => {
    const folder = await bed.folder();
    await chmod(folder, 0o755);
    const server = await startServer({ folder, lifetime: 'with-parent', settings: { fsync: 'off' } });
    const account = await serverAccount();
    expect(await readFile(`/proc/${server.pid}/status`, 'utf8')).toMatch(
      new RegExp(`^Uid:\\s+${account?.uid}\\s`, 'm'),
    );
    expect((await capabilitiesOf(server.pid)).effective).toBe(0n);
    await stopServer(folder);
  });

  it('a repository below a closed folder works, by the one right to pass', async () => {
    const { inner } = await closedFolder();
    const server = await startServer({ folder: inner, lifetime: 'with-parent', settings: { fsync: 'off' } });
    expect(await capabilitiesOf(server.pid)).toEqual({
      effective: DAC_READ_SEARCH,
      bounding: DAC_READ_SEARCH,
    });
    await stopServer(inner);
  });

  it('so do the programs themselves below a closed folder', async () => {
    const { closed } = await closedFolder();
    const account = await serverAccount();
    if (!account) throw new Error('root has an account for the server');
    const native = join(dirname((await postgresBinaries()).postgres), '..');
    await cp(native, join(closed, 'native'), { recursive: true, verbatimSymlinks: true });
    const [initdb, postgres] = [
      join(closed, 'native', 'bin', 'initdb'),
      join(closed, 'native', 'bin', 'postgres'),
    ];
    const [data, secret] = [join(closed, 'data'), join(closed, 'secret')];
    await mkdir(data, { mode: 0o700 });
    await writeFile(secret, 'fake-bootstrap\n', { mode: 0o600 });
    for (const path of [data, secret]) await chown(path, account.uid, account.gid);

    const way = await runAs(account, [initdb, postgres, data]);
    const options = [
      '--auth=scram-sha-256',
      '--username=postgres',
      `--pwfile=${secret}`,
      '--no-sync',
      '--locale=C',
    ];
    const { file, args } = way.command(initdb, ['-D', data, ...options]);
    await promisify(execFile)(file, [...args], { ...way.options, cwd: '/' });

    expect(await readFile(join(data, 'PG_VERSION'), 'utf8')).toBe('16\n');
  });
});

describe.skipIf(!isRoot || process.platform !== 'linux')('as an ordinary user', () => {
  it('the server runs as that user, and its files are that user’s alone', async () => {
    const folder = await bed.folder();
    await chown(folder, 65_534, 65_534);
    const asNobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
    const { child, said } = await bed.standIn(['suite', folder], asNobody);
    const status = await readFile(`/proc/${Number(said['pid'])}/status`, 'utf8');
    expect(status).toMatch(/^Uid:\s+65534\s+65534/m);
    expect((await stat(join(folder, 'bootstrap'))).mode & 0o777).toBe(0o600);
    child.kill('SIGTERM');
  });
});

describe.skipIf(!isRoot || process.platform !== 'linux')('as root in a container', () => {
  it('in a container that withholds that right, the next one serves', async () => {
    const { inner } = await closedFolder();
    const asInDocker = ['setpriv', '--bounding-set', '-dac_read_search'];
    const { child, said } = await bed.standIn(['suite', inner], asInDocker);
    expect((await capabilitiesOf(Number(said['pid']))).effective).toBe(DAC_OVERRIDE);
    child.kill('SIGTERM');
  });

  it('where neither is to be had, the folder is named with its mode and the way out', async () => {
    const { closed, inner } = await closedFolder();
    const without = ['setpriv', '--bounding-set', '-dac_read_search,-dac_override'];
    const { said } = await bed.standIn(['suite', inner], without);
    expect(said).toMatchObject({
      code: 'FOLDER_FORBIDDEN',
      message: expect.stringContaining(`may not enter ${closed} (mode 0700)`) as string,
    });
    expect(said['message']).toContain(`chmod o+x ${closed}`);
  });
});
