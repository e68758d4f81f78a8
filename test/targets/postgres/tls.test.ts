import { execFile } from 'node:child_process';
import { chmod, chown, copyFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LockstepError } from '../../../lambdas/core/errors.ts';
import type { PostgresPorts } from '../../../lambdas/postgres/ports.ts';
import { postgresBed, SLOTS, type PostgresBed } from './bed.ts';

const openssl = (...args: readonly string[]) => promisify(execFile)('openssl', [...args]);

let [bed, folder]: [PostgresBed | undefined, string] = [undefined, ''];
const theBed = (): PostgresBed => {
  if (!bed) throw new Error('no bed');
  return bed;
};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-ca-'));
  await makeCa('right');
  await makeCa('wrong');
  await makeCertificate('right', 'server', 'DNS:db.test');
  await makeCertificate('right', 'by-address', 'IP:127.0.0.1');
  await makeCertificate('wrong', 'impostor', 'DNS:db.test');
  await makeExpiredCertificate();
  bed = await postgresBed();
}, 120_000);
afterAll(async () => {
  await bed?.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => theBed().reset());

const file = (name: string): string => join(folder, name);
const ca = (name: string): Promise<string> => readFile(file(`${name}.ca.pem`), 'utf8');

async function makeCa(name: string): Promise<void> {
  const key = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    file(`${name}.ca.key`),
  ];
  await openssl(
    'req',
    '-x509',
    ...key,
    '-out',
    file(`${name}.ca.pem`),
    '-subj',
    `/CN=${name} test CA`,
    '-days',
    '2',
  );
}

async function makeCertificate(by: string, name: string, san: string): Promise<void> {
  const key = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    file(`${name}.key`),
  ];
  const signer = ['-CA', file(`${by}.ca.pem`), '-CAkey', file(`${by}.ca.key`)];
  const form = [
    '-subj',
    `/CN=${name}`,
    '-addext',
    `subjectAltName=${san}`,
    '-addext',
    'basicConstraints=CA:FALSE',
  ];
  await openssl('req', '-x509', ...key, ...signer, '-out', file(`${name}.pem`), ...form, '-days', '2');
}

/** `openssl req` makes none that has ended before it began; its certificate authority does. */
async function makeExpiredCertificate(): Promise<void> {
  const key = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    file('expired.key'),
  ];
  const form = ['-subj', '/CN=expired', '-addext', 'subjectAltName=DNS:db.test'];
  await openssl('req', '-new', ...key, '-out', file('expired.csr'), ...form);
  await writeFile(file('index.txt'), '');
  await writeFile(
    file('ca.cnf'),
    `[ca]\ndefault_ca=it\n[it]\ndatabase=${file('index.txt')}\nnew_certs_dir=${folder}\nrand_serial=yes\n` +
      'default_md=sha256\npolicy=any\ncopy_extensions=copy\n[any]\ncommonName=supplied\n',
  );
  const signer = ['-config', file('ca.cnf'), '-cert', file('right.ca.pem'), '-keyfile', file('right.ca.key')];
  const dates = ['-startdate', '20200101000000Z', '-enddate', '20200201000000Z'];
  await openssl(
    'ca',
    '-batch',
    '-notext',
    ...signer,
    '-in',
    file('expired.csr'),
    '-out',
    file('expired.pem'),
    ...dates,
  );
}

/** Makes the server speak TLS with a certificate, or not at all, and waits until it does. */
async function serve(certificate: string | undefined): Promise<void> {
  const { data } = theBed().server.files;
  if (certificate === undefined) {
    await theBed().sql(`ALTER SYSTEM SET ssl = off`);
  } else {
    const { uid, gid } = await stat(data);
    for (const [from, to] of [
      [file(`${certificate}.pem`), join(data, 'server.crt')],
      [file(`${certificate}.key`), join(data, 'server.key')],
    ] as const) {
      await copyFile(from, to);
      await chmod(to, 0o600);
      if (process.getuid?.() === 0) await chown(to, uid, gid);
    }
    await theBed().sql(`ALTER SYSTEM SET ssl = on`);
  }
  await theBed().sql(`SELECT pg_reload_conf()`);
  await new Promise((resolve) => setTimeout(resolve, 250));
}

/** `db.test` is this machine; nothing else is asked about. */
const lookup: NonNullable<PostgresPorts['lookup']> = (host, options, answer) => {
  if (host !== 'db.test') throw new Error(`asked for ${host}`);
  if (options.all) answer(null, [{ address: '127.0.0.1', family: 4 }]);
  else answer(null, '127.0.0.1', 4);
};

/** Issues, installs and verifies a version over the way given; the code of what went wrong, or `works`. */
async function goRound(host: string, trusted: string | undefined): Promise<string> {
  const { server } = theBed();
  const endpoint = { host, port: server.port, ...(trusted === undefined ? {} : { ca: trusted }) };
  const request = theBed().request('v1', 0, theBed().credential({ endpoint }));
  const rotator = theBed().rotator({ lookup });
  try {
    const held = { version: 'v1', ...(await rotator.issue(request, undefined)) };
    await rotator.install(request, held, undefined);
    await rotator.verify(request, held);
    return 'works';
  } catch (error) {
    if (error instanceof LockstepError) return error.code;
    throw error;
  }
}

/** Every login since `before` that got as far as naming a role in plain text, other than our own superuser's. */
async function plainLogins(before: number): Promise<number> {
  const attempts = (await theBed().attempts()).slice(before);
  return attempts.filter(({ role }) => role !== undefined && role !== 'postgres').length;
}

describe('a host that is not loopback', () => {
  it('is logged in to over TLS when its certificate leads to the declared CA and names it', async () => {
    await serve('server');
    expect(await goRound('db.test', await ca('right'))).toBe('works');
    expect(await theBed().log()).toMatch(/application_name=lockstep SSL enabled \(protocol=TLSv1\.[23]/);
    expect((await theBed().attempts()).at(-1)?.applicationName).toBe('lockstep');
  });

  it.each([
    { what: 'whose certificate another CA has signed', certificate: 'impostor', host: 'db.test' },
    { what: 'whose certificate names another host', certificate: 'by-address', host: 'db.test' },
    { what: 'whose certificate has expired', certificate: 'expired', host: 'db.test' },
    { what: 'that knows no TLS', certificate: undefined, host: 'db.test' },
  ])('$what is refused, and hears no login', async ({ certificate, host }) => {
    await serve(certificate);
    const before = (await theBed().attempts()).length;

    expect(await goRound(host, await ca('right'))).toBe('TARGET_REFUSES_TLS');

    expect(await plainLogins(before)).toBe(0);
    expect((await theBed().slot(SLOTS[0])).memory).toBeUndefined();
  });

  it('is held to the roots of the system where no CA is declared', async () => {
    await serve('server');
    expect(await goRound('db.test', undefined)).toBe('TARGET_REFUSES_TLS');
  });

  it('cannot be let off by the environment', async () => {
    await serve('impostor');
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    process.env['PGSSLMODE'] = 'disable';
    try {
      expect(await goRound('db.test', await ca('right'))).toBe('TARGET_REFUSES_TLS');
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      delete process.env['PGSSLMODE'];
    }
  });
});

describe('a loopback host', () => {
  it('with a declared CA is held to it like any other', async () => {
    await serve('by-address');
    expect(await goRound('127.0.0.1', await ca('right'))).toBe('works');
    expect(await goRound('127.0.0.1', await ca('wrong'))).toBe('TARGET_REFUSES_TLS');
  });

  it('without one is spoken to in plain text', async () => {
    await serve('by-address');
    expect(await goRound('127.0.0.1', undefined)).toBe('works');
    expect(
      (await theBed().log())
        .trimEnd()
        .split('\n')
        .filter((line) => line.includes('connection authorized'))
        .at(-1),
    ).not.toContain('SSL');
  });
});
