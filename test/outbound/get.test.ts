import { afterEach, describe, expect, it } from 'vitest';
import { outboundGet, type OutboundGetPorts } from '../../lambdas/outbound/get.ts';
import { aRawServer, aReceiver, type Receiver, type ReceiverOptions } from './a-receiver.ts';
import { selfSigned } from './self-signed.ts';

const LIMITS = { totalMilliseconds: 1200, bodyBytes: 4096 };
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

async function publisher(
  body: string,
  status = 200,
  options: Omit<ReceiverOptions, 'answers'> = {},
): Promise<Receiver> {
  const started = await aReceiver({
    ...options,
    answers: (_seen, _request, response) => response.writeHead(status).end(body),
  });
  open.push(started);
  return started;
}

const read = (url: string, allowHosts: readonly string[] = [], ports: OutboundGetPorts = {}) =>
  outboundGet({ limits: LIMITS, ...ports })({ url, allowHosts });

const named = (...addresses: readonly string[]): OutboundGetPorts => ({
  resolve: () =>
    Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))),
});

describe('a document that others publish', () => {
  it('comes whole, with its status', async () => {
    const there = await publisher('{"keys":[]}');
    expect(await read(there.url, ['127.0.0.1'])).toEqual({
      outcome: 'answered',
      status: 200,
      body: '{"keys":[]}',
    });
    expect(there.received[0]?.headers).toMatchObject({ 'accept-encoding': 'identity', connection: 'close' });
  });

  it('comes by TLS from a host whose certificate is trusted, and from no other', async () => {
    const tls = selfSigned('issuer.test');
    const there = await publisher('{}', 200, { tls });
    const url = `https://issuer.test:${there.port}/keys`;
    const ports = named('127.0.0.1');
    expect(await read(url, ['issuer.test'], { ...ports, ca: tls.cert })).toMatchObject({ status: 200 });
    expect(await read(url, ['issuer.test'], ports)).toMatchObject({ outcome: 'failed', why: 'tls' });
  });

  it('is not read where it is longer than the bound', async () => {
    const there = await publisher('x'.repeat(LIMITS.bodyBytes + 1));
    expect(await read(there.url, ['127.0.0.1'])).toMatchObject({ outcome: 'failed', code: 'EMSGSIZE' });
  });

  it('is not read where it breaks off', async () => {
    const port = await aRawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"keys":');
      setTimeout(() => socket.destroy(), 50);
    }).then((started) => {
      open.push(started);
      return started.port;
    });
    expect(await read(`http://127.0.0.1:${port}/`, ['127.0.0.1'])).toMatchObject({
      outcome: 'failed',
      why: 'broken',
    });
  });

  it('is not waited for without end', async () => {
    const started = await aRawServer(() => undefined);
    open.push(started);
    expect(await read(`http://127.0.0.1:${started.port}/`, ['127.0.0.1'])).toMatchObject({ why: 'timeout' });
  });

  it('is not followed to where a redirect points', async () => {
    const inside = await publisher('secret');
    const started = await aReceiver({
      answers: (_seen, _request, response) => response.writeHead(302, { location: inside.url }).end(),
    });
    open.push(started);
    expect(await read(started.url, ['127.0.0.1'])).toMatchObject({ status: 302, body: '' });
    expect(inside.connections).toBe(0);
  });
});

describe('a place inside this network', () => {
  it.each([
    ['metadata by its address', 'http://169.254.169.254/latest/meta-data/', named()],
    ['metadata by a name', 'https://issuer.test/', named('169.254.169.254')],
    ['a private address behind a name', 'https://issuer.test/', named('10.0.0.8')],
    ['one bad address among good ones', 'https://issuer.test/', named('93.184.215.14', '127.0.0.1')],
    ['loopback in disguise', 'https://issuer.test/', named('::ffff:127.0.0.1')],
    ['plain http outside', 'http://issuer.test/', named('93.184.215.14')],
    ['another scheme', 'file:///etc/passwd', named()],
    ['a login in the address', 'https://user:word@issuer.test/', named('93.184.215.14')],
  ])('is not read: %s', async (_what, url, ports) => {
    expect(await read(url, [], ports)).toMatchObject({ outcome: 'forbidden' });
  });

  it('is read where its host is named', async () => {
    const there = await publisher('{}');
    const url = `http://issuer.test:${there.port}/`;
    expect(await read(url, ['issuer.test'], named('127.0.0.1'))).toMatchObject({ status: 200 });
  });
});
