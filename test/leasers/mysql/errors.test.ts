import { createServer, type LookupFunction } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { LockstepError } from '../../../lambdas/core/errors.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import type { MysqlLeaserPorts } from '../../../lambdas/leasers/mysql/ports.ts';
import { selfSigned } from '../../outbound/self-signed.ts';
import { mysqlDouble, type MysqlDouble, type MysqlDoubleOptions } from './mysql-double.ts';
import { AUTHORITY, mysqlAuthority, newLeaser, prepared, rewritten } from './subject.ts';

const HOST = 'mysql.test';
const onThisMachine: LookupFunction = (_host, options, done) =>
  options.all === true ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function doubleOf(options: MysqlDoubleOptions = {}): Promise<MysqlDouble> {
  const double = await mysqlDouble(options);
  closing.push(double.close);
  return double;
}

/** A value of the authority's that a double takes. */
const valueOf = ({ port, admin, written }: MysqlDouble): Promise<Secret> =>
  prepared({ port, admin: async (sql) => admin(sql), written: async () => written() });

const someValue = (): Secret =>
  new Secret(
    JSON.stringify({
      engine: 'mysql',
      host: HOST,
      port: 1,
      username: AUTHORITY,
      password: 'canary-password',
    }),
  );

/** How the proof of an authority at such a place comes out. */
async function proof(
  endpoint: { readonly host: string; readonly port: number; readonly ca?: string },
  value: Secret,
  more: Partial<MysqlLeaserPorts> = {},
): Promise<{ readonly code: string; readonly message: string }> {
  const { host, port } = endpoint;
  try {
    const leaser = newLeaser({ lookup: onThisMachine, ...more });
    await leaser.proveAuthority(mysqlAuthority(endpoint), rewritten(value, { host, port }));
    return { code: 'none', message: '' };
  } catch (error) {
    if (error instanceof LockstepError) return error;
    throw error;
  }
}

describe('TLS to MySQL', () => {
  it('has a certificate that leads to the declared root and names the host', async () => {
    const [right, other, elsewhere] = [selfSigned(HOST), selfSigned(HOST), selfSigned('elsewhere.test')];
    const double = await doubleOf({ tls: right });
    const value = await valueOf(double);
    expect(await proof({ host: HOST, port: double.port, ca: right.cert }, value)).toMatchObject({
      code: 'none',
    });
    for (const ca of [other.cert, undefined]) {
      const found = await proof(
        { host: HOST, port: double.port, ...(ca === undefined ? {} : { ca }) },
        value,
      );
      expect(found.code).toBe('TARGET_REFUSES_TLS');
    }
    const impostor = await doubleOf({ tls: elsewhere });
    const found = await proof({ host: HOST, port: impostor.port, ca: elsewhere.cert }, value);
    expect(found).toMatchObject({ code: 'TARGET_REFUSES_TLS' });
    expect(found.message).toContain(`name ${HOST}`);
  });

  it('that a server does not speak is no reason to speak in plain text', async () => {
    const double = await doubleOf();
    const found = await proof(
      { host: HOST, port: double.port, ca: selfSigned(HOST).cert },
      await valueOf(double),
    );
    expect(found).toMatchObject({ code: 'TARGET_REFUSES_TLS' });
    expect(found.message).toContain('knows no TLS');
  });

  it('is demanded on this machine too, where a root is declared; and by a name, which a certificate can be checked with', async () => {
    const certificate = selfSigned('localhost');
    const double = await doubleOf({ tls: certificate });
    const value = await valueOf(double);
    const { port } = double;
    expect(await proof({ host: 'localhost', port, ca: certificate.cert }, value)).toMatchObject({
      code: 'none',
    });
    expect(await proof({ host: '127.0.0.1', port, ca: certificate.cert }, value)).toMatchObject({
      code: 'NOT_SUPPORTED',
    });
    expect(await proof({ host: '192.0.2.1', port }, value)).toMatchObject({ code: 'NOT_SUPPORTED' });
  });
});

describe('what MySQL answers', () => {
  it.each([
    [1040, 'TARGET_BUSY'],
    [1205, 'TARGET_BUSY'],
    [1021, 'TARGET_FULL'],
    [1053, 'TARGET_UNREACHABLE'],
    [1290, 'TARGET_REFUSED'],
    [1227, 'TARGET_LACKS_GRANT'],
    [3159, 'TARGET_REFUSES_TLS'],
    [9999, 'TARGET_REFUSED'],
  ])('%d is %s, without a word of the server’s', async (number, code) => {
    const double = await doubleOf({ instead: (sql) => (sql.includes('VERSION()') ? number : undefined) });
    const found = await proof({ host: '127.0.0.1', port: double.port }, await valueOf(double));
    expect(found.code).toBe(code);
    expect(found.message).not.toContain('canary');
  });

  it('to a wrong password, is that', async () => {
    const double = await doubleOf();
    await valueOf(double);
    const found = await proof({ host: '127.0.0.1', port: double.port }, someValue());
    expect(found.code).toBe('TARGET_REFUSES_LOGIN');
    expect(found.message).not.toContain('canary');
  });

  it.each([
    ['5.7.44', 'is version 5.7.44: leases need MySQL 8.0.21 or newer'],
    ['8.0.20-0ubuntu', 'is version 8.0.20'],
    ['10.11.19-MariaDB-0+deb12u1', 'is MariaDB'],
    ['canary', 'is version ?.?.?'],
  ])('of itself, that it is %s, is refused by name', async (version, word) => {
    const double = await doubleOf({ version });
    const found = await proof({ host: '127.0.0.1', port: double.port }, await valueOf(double));
    expect(found.code).toBe('NOT_SUPPORTED');
    expect(found.message).toContain(word);
    expect(found.message).not.toContain('canary');
  });
});

describe('a MySQL that cannot be reached', () => {
  it('by its name, or over the network', async () => {
    const nowhere: LookupFunction = (_host, _options, done) =>
      done(Object.assign(new Error('canary'), { code: 'ENOTFOUND' }), '', 4);
    const { port, close } = await mysqlDouble();
    await close();
    const byName = await proof({ host: HOST, port: 1 }, someValue(), { lookup: nowhere });
    const overNetwork = await proof({ host: '127.0.0.1', port }, someValue());
    expect([byName.code, overNetwork.code]).toEqual(['TARGET_UNREACHABLE', 'TARGET_UNREACHABLE']);
    expect([byName.message, overNetwork.message]).toEqual([
      expect.stringContaining('(dns)'),
      expect.stringContaining('(tcp)'),
    ]);
  });

  it.each([
    ['silent', ''],
    ['talking of something else', 'HTTP/1.1 400 Bad Request canary\r\n\r\n'],
  ])('because it is %s', async (_, bytes) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      if (bytes !== '') socket.write(bytes);
      closing.push(async () => socket.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => new Promise((resolve) => server.close(resolve)));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const found = await proof({ host: '127.0.0.1', port: address.port }, someValue(), {
      timeouts: { connectMs: 300, statementMs: 300 },
    });
    expect(found.code).toBe('TARGET_UNREACHABLE');
    expect(found.message).not.toContain('canary');
  });
});
