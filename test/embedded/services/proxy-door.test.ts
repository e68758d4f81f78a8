import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type Server as NetServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { PROXY_HEADER } from '../../../client/proxy/refusal.ts';
import { refusalOf, requestThrough, type ProxyDoor } from '../../../embedded/services/proxy-door.ts';
import { selfSigned } from '../../outbound/self-signed.ts';

const HOST = 'api.example.com';
const opened: NetServer[] = [];
afterEach(() => {
  for (const server of opened.splice(0)) server.close();
});

async function portOf(server: NetServer): Promise<number> {
  opened.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A target that speaks TLS under a name, and what it was asked. */
async function aTarget(cert = selfSigned(HOST)) {
  const asked: IncomingMessage[] = [];
  const server = createTlsServer(cert, (request, response) => {
    asked.push(request);
    response.end(`${request.method} ${request.url}`);
  });
  return { port: await portOf(server), asked, cert: cert.cert };
}

/** A proxy that opens a way to a port, or says a code. */
async function aProxy(way: number | string): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer();
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    const login = request.headers['proxy-authorization'];
    const code = login === `Basic ${Buffer.from('pass-1:fake').toString('base64')}` ? way : 'PASS_REFUSED';
    if (typeof code === 'string')
      return void socket.end(`HTTP/1.1 403 Forbidden\r\n${PROXY_HEADER}: ${code}\r\n\r\n`);
    const onward = connect(code, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    socket.pipe(onward).pipe(socket);
    for (const end of [socket, onward]) end.on('error', () => undefined);
  });
  return { server, port: await portOf(server) };
}

const ask = async (door: ProxyDoor, url = `https://${HOST}/v1/models?limit=1`): Promise<IncomingMessage> => {
  const request = await requestThrough(door, new URL(url), {
    method: 'GET',
    headers: { accept: 'text/plain' },
    timeoutMs: 5000,
  });
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
};

describe('a request through a proxy', () => {
  it('goes to an https host by CONNECT, and says its login to the proxy alone', async () => {
    const target = await aTarget();
    const { port } = await aProxy(target.port);
    const response = await ask({ port, login: 'pass-1:fake', authority: target.cert });
    expect(await text(response)).toBe('GET /v1/models?limit=1');
    expect(refusalOf(response)).toBeUndefined();
    expect(target.asked[0]?.headers).toMatchObject({ host: HOST, accept: 'text/plain' });
    expect(target.asked[0]?.headers['proxy-authorization']).toBeUndefined();
  });

  it('sends nothing to whoever shows a certificate of another authority', async () => {
    const target = await aTarget();
    const { port } = await aProxy(target.port);
    await expect(ask({ port, login: 'pass-1:fake', authority: selfSigned(HOST).cert })).rejects.toMatchObject(
      { code: expect.stringMatching(/CERT|SIGNATURE/) },
    );
    expect(target.asked).toEqual([]);
  });

  it.each([
    ['no place of the pass', 'EGRESS_REFUSED', 'pass-1:fake'],
    ['another pass', 'PASS_REFUSED', 'pass-1:other'],
  ])('fails with the code of the proxy where it is for %s', async (_, code, login) => {
    const { port } = await aProxy('EGRESS_REFUSED');
    await expect(ask({ port, login, authority: '' })).rejects.toMatchObject({ code });
  });

  it('fails where nobody listens, and where the proxy hangs up', async () => {
    const { server, port } = await aProxy(1);
    server.removeAllListeners('connect');
    server.on('connect', (_request: IncomingMessage, socket: Socket) => socket.destroy());
    await expect(ask({ port, login: 'pass-1:fake', authority: '' })).rejects.toMatchObject({
      code: 'ECONNRESET',
    });
    server.close();
    await once(server, 'close');
    await expect(ask({ port, login: 'pass-1:fake', authority: '' })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });
});
