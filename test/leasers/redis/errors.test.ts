import { createServer } from 'node:net';
import type { LookupFunction } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { LockstepError } from '../../../lambdas/core/errors.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import { redisLeaser } from '../../../lambdas/leasers/redis/leaser.ts';
import type { RedisLeaserPorts } from '../../../lambdas/leasers/redis/ports.ts';
import { selfSigned } from '../../outbound/self-signed.ts';
import { redisDouble, type RedisDouble, type RedisDoubleOptions } from './redis-double.ts';
import { AUTHORITY, prepared, redisAuthority, rewritten } from './subject.ts';

const HOST = 'redis.test';
const onThisMachine: LookupFunction = (_host, options, done) =>
  options.all === true ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function doubleOf(options: RedisDoubleOptions = {}): Promise<RedisDouble> {
  const double = await redisDouble(options);
  closing.push(double.close);
  return double;
}

/** A value of the authority's that a double takes. */
const valueOf = ({ port, admin, written }: RedisDouble): Promise<Secret> =>
  prepared({
    port,
    admin: async (...words) => admin(...words),
    written: async () => written(),
  });

/** How the proof of an authority at such a place comes out. */
async function proof(
  endpoint: { readonly host: string; readonly port: number; readonly ca?: string },
  value: Secret,
  more: Partial<RedisLeaserPorts> = {},
): Promise<{ readonly code: string; readonly message: string }> {
  const { host, port, ca } = endpoint;
  const declared = redisAuthority(port, host, ca === undefined ? {} : { ca });
  const timeouts = { connectMs: 1500, answerMs: 1500 };
  const leaser = redisLeaser({
    randomBytes: (length) => new Uint8Array(length),
    clock: () => new Date(),
    lookup: onThisMachine,
    timeouts,
    ...more,
  });
  try {
    await leaser.proveAuthority(declared, rewritten(value, { host, port }));
    return { code: 'none', message: '' };
  } catch (error) {
    if (error instanceof LockstepError) return error;
    throw error;
  }
}

const someValue = (): Secret =>
  new Secret(
    JSON.stringify({
      engine: 'redis',
      host: HOST,
      port: 1,
      username: AUTHORITY,
      password: 'canary-password',
    }),
  );

describe('TLS to Redis', () => {
  it('is spoken from the first byte on, and the certificate has to lead to the declared root and name the host', async () => {
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
      expect(found.message).toContain('was not proved to be itself');
    }
    const impostor = await doubleOf({ tls: elsewhere });
    const found = await proof({ host: HOST, port: impostor.port, ca: elsewhere.cert }, value);
    expect(found.code).toBe('TARGET_REFUSES_TLS');
    expect(found.message).toContain(`name ${HOST}`);
  });

  it('that a server does not speak is no reason to speak in plain text', async () => {
    const received: Buffer[] = [];
    const plain = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        received.push(bytes);
        socket.write('-ERR Protocol error: unauthenticated\r\n');
      });
    });
    const port = await listening(plain);
    const found = await proof({ host: HOST, port, ca: selfSigned(HOST).cert }, someValue());
    expect(found.code).toBe('TARGET_REFUSES_TLS');
    expect(Buffer.concat(received).toString('latin1')).not.toMatch(/HELLO|canary/);
  });

  it('is demanded on this machine too, where a root is declared', async () => {
    const double = await doubleOf();
    const value = await valueOf(double);
    expect(await proof({ host: '127.0.0.1', port: double.port }, value)).toMatchObject({ code: 'none' });
    const found = await proof({ host: '127.0.0.1', port: double.port, ca: selfSigned(HOST).cert }, value);
    expect(found.code).not.toBe('none');
    expect(double.written()).not.toContain('canary');
  });
});

describe('what Redis answers', () => {
  const SECRET_TEXT = 'canary text of the server’s';
  it.each([
    [`LOADING ${SECRET_TEXT}`, 'TARGET_BUSY', 'still loading'],
    ['ERR max number of clients reached', 'TARGET_BUSY', 'too many clients'],
    [`BUSY ${SECRET_TEXT}`, 'TARGET_BUSY', 'busy'],
    [`MASTERDOWN ${SECRET_TEXT}`, 'TARGET_BUSY', 'lost its primary'],
    [`OOM ${SECRET_TEXT}`, 'TARGET_FULL', 'memory'],
    [`MISCONF ${SECRET_TEXT}`, 'TARGET_FULL', 'disk'],
    [`READONLY ${SECRET_TEXT}`, 'TARGET_REFUSED', 'replica'],
    [`MOVED 1 ${SECRET_TEXT}`, 'NOT_SUPPORTED', 'cluster'],
    [`NOPERM ${SECRET_TEXT}`, 'TARGET_LACKS_GRANT', 'lockstep supply'],
    [`ERR unknown command 'canary'`, 'NOT_SUPPORTED', 'Redis 7 or newer'],
    [`ERR ${SECRET_TEXT}`, 'TARGET_REFUSED', 'ERR'],
  ])('%s is %s, without a word of the server’s', async (text, code, word) => {
    const double = await doubleOf({ instead: (command) => (command === 'acl|getuser' ? text : undefined) });
    const found = await proof({ host: '127.0.0.1', port: double.port }, await valueOf(double));
    expect(found.code).toBe(code);
    expect(found.message).toContain(word);
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
    [{ version: '6.2.14' }, 'NOT_SUPPORTED', 'version 6.2.14: leases need 7 or newer'],
    [{ version: 'canary' }, 'NOT_SUPPORTED', 'version unknown'],
    [{ mode: 'cluster' }, 'NOT_SUPPORTED', 'part of a cluster'],
    [{ role: 'replica' }, 'TARGET_REFUSED', 'is a replica'],
    [
      { instead: (name: string) => (name === 'hello' ? "ERR unknown command 'HELLO'" : undefined) },
      'NOT_SUPPORTED',
      '7',
    ],
  ])('of itself: %j is refused by name', async (options, code, word) => {
    const double = await doubleOf(options);
    const found = await proof({ host: '127.0.0.1', port: double.port }, await valueOf(double));
    expect(found.code).toBe(code);
    expect(found.message).toContain(word);
  });
});

describe('a Redis that cannot be reached', () => {
  it('by its name', async () => {
    const nowhere: LookupFunction = (_host, _options, done) =>
      done(Object.assign(new Error('canary'), { code: 'ENOTFOUND' }), '', 4);
    const found = await proof({ host: HOST, port: 1 }, someValue(), { lookup: nowhere });
    expect(found).toMatchObject({ code: 'TARGET_UNREACHABLE' });
    expect(found.message).toContain('(dns)');
  });

  it('over the network', async () => {
    const { port, close } = await redisDouble();
    await close();
    const found = await proof({ host: '127.0.0.1', port }, someValue());
    expect(found).toMatchObject({ code: 'TARGET_UNREACHABLE' });
    expect(found.message).toContain('(tcp)');
  });

  it.each([
    ['silent', ''],
    ['talking of something else', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['counting without end', '*999999999999\r\n'],
    ['promising a text without end', '$99999999999\r\n'],
    ['deep without end', '*1\r\n'.repeat(50)],
    ['counting in words', '$canary\r\nx\r\n'],
  ])('because it is %s', async (_, bytes) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      if (bytes !== '') socket.write(bytes);
    });
    const port = await listening(server);
    const found = await proof({ host: '127.0.0.1', port }, someValue(), {
      timeouts: { connectMs: 300, answerMs: 300 },
    });
    expect(found.code).toBe('TARGET_UNREACHABLE');
    expect(found.message).not.toContain('canary');
  });
});

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
