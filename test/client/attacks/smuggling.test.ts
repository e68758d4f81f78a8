import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { aRawServer } from '../../outbound/a-receiver.ts';
import {
  ask,
  askOver,
  begin,
  connectThrough,
  loginOf,
  rawTalk,
  talkOver,
  through,
  tlsInside,
} from '../doubles/a-client.ts';
import { aSetting, closing } from '../doubles/closing.ts';
import { AMBIGUOUS_REQUESTS } from './ambiguous-requests.ts';

const keep = closing();

describe('a request that two readers could take differently', () => {
  it.each(AMBIGUOUS_REQUESTS)(
    'is refused, and nothing of it is sent on: %s',
    async (_what, request, refusal) => {
      const { proxy, granted, target } = await aSetting(keep);
      const tls = await through(proxy, granted, target);
      const text = request.replaceAll('{host}', `${target.host}:${target.port}`);
      const answer = await talkOver(tls, text, 400);
      expect(answer).toMatch(refusal);
      expect(target.seen).toEqual([]);
    },
  );

  it('ends the connection: what stands behind it is not read', async () => {
    const { proxy, granted, target } = await aSetting(keep);
    const host = `${target.host}:${target.port}`;
    const tls = await through(proxy, granted, target);
    const behind = `GET /behind HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    const answer = await talkOver(
      tls,
      `POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${behind.length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${behind}`,
    );
    expect(answer.match(/HTTP\/1.1 \d/g)).toHaveLength(1);
    expect(target.seen).toEqual([]);
  });

  it('is not what follows a request: each is looked at by itself', async () => {
    const { proxy, granted, target } = await aSetting(keep, { rule: { paths: ['/v1'] } });
    const host = `${target.host}:${target.port}`;
    const one = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    const answer = await talkOver(await through(proxy, granted, target), one('/v1') + one('/admin'));
    expect(answer.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 403']);
    expect(target.seen.map(({ url }) => url)).toEqual(['/v1']);
  });
});

describe('an answer that comes before its request was sent whole', () => {
  it.each([1_000, 2 * 1024 * 1024])(
    'leaves nothing that the next request could be taken for: %i bytes that are to come',
    async (left) => {
      const { proxy, granted, target } = await aSetting(keep, { target: { reads: false } });
      const tls = await through(proxy, granted, target);
      // given a part of a body, which was answered already
      const outgoing = begin(tls, target, {
        method: 'POST',
        path: '/first',
        headers: { 'content-length': String(1000 + left), connection: 'keep-alive' },
      });
      outgoing.write(Buffer.alloc(1000, 'a'));
      const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
      expect(String(await buffer(response))).toBe('served');
      // when the rest comes as well, and another request behind it
      const closed = once(outgoing, 'close');
      outgoing.end(Buffer.alloc(left, 'b'));
      await closed;
      expect(await askOver(tls, target, { path: '/second' })).toMatchObject({ status: 200, body: 'served' });
      // then each is seen as what it is
      expect(target.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
        'POST /first',
        'GET /second',
      ]);
      expect(target.connections()).toBe(2);
    },
  );
});

describe('a handshake for another host', () => {
  it.each([
    ['names another', 'elsewhere.test'],
    ['names a part', 'target.test'],
    ['names none', undefined],
  ])('gets no session: it %s', async (_what, servername) => {
    const { proxy, granted, target } = await aSetting(keep);
    const { socket } = await connectThrough(proxy, `${target.host}:${target.port}`, {
      'proxy-authorization': loginOf(granted),
    });
    const inside = tlsInside(socket, {
      ca: granted.authority.certificate,
      ...(servername === undefined ? {} : { servername }),
    }).then((tls) => talkOver(tls, `GET / HTTP/1.1\r\nHost: ${target.host}:${target.port}\r\n\r\n`));
    const outcome = await inside.catch((error: unknown) => (error instanceof Error ? 'refused' : ''));
    expect(outcome === 'refused' || outcome === '').toBe(true);
    expect(target.connections()).toBe(0);
  });

  it('in any case of letters is one for the same', async () => {
    const { proxy, granted, target } = await aSetting(keep);
    const place = `API.Target.TEST:${target.port}`;
    const { socket } = await connectThrough(proxy, place, { 'proxy-authorization': loginOf(granted) });
    const tls = await tlsInside(socket, { ca: granted.authority.certificate, servername: 'Api.TARGET.test' });
    expect(await talkOver(tls, `GET / HTTP/1.1\r\nHost: ${place}\r\nConnection: close\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 200 /,
    );
  });

  it('by HTTP/2 alone gets none: HTTP/1.1 is spoken here', async () => {
    const { proxy, granted, target } = await aSetting(keep);
    const { socket } = await connectThrough(proxy, `${target.host}:${target.port}`, {
      'proxy-authorization': loginOf(granted),
    });
    const inside = tlsInside(socket, {
      ca: granted.authority.certificate,
      servername: target.host,
      alpn: ['h2'],
    });
    await expect(inside).rejects.toMatchObject({ code: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL' });
  });
});

describe('CONNECT', () => {
  it.each([
    ['says another Host', 'Host: elsewhere.test:443\r\n'],
    ['says two', 'Host: {place}\r\nHost: {place}\r\n'],
    ['has a body', 'Host: {place}\r\nContent-Length: 4\r\n'],
    ['has chunks', 'Host: {place}\r\nTransfer-Encoding: chunked\r\n'],
  ])('is refused when it %s', async (_what, headers) => {
    const { proxy, granted, target } = await aSetting(keep);
    const place = `${target.host}:${target.port}`;
    const written = headers.replaceAll('{place}', place);
    const answer = await rawTalk(
      proxy.port,
      `CONNECT ${place} HTTP/1.1\r\n${written}Proxy-Authorization: ${loginOf(granted)}\r\n\r\n`,
      400,
    );
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
  });

  it('of an old client has no Host', async () => {
    const { proxy, granted, target } = await aSetting(keep);
    const answer = await rawTalk(
      proxy.port,
      `CONNECT ${target.host}:${target.port} HTTP/1.0\r\nProxy-Authorization: ${loginOf(granted)}\r\n\r\n`,
      200,
    );
    expect(answer).toBe('HTTP/1.1 200 Connection Established\r\n\r\n');
  });
});

describe('an answer that two readers could take differently', () => {
  it.each([
    [
      'a length beside chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde'],
    ['a folded header', 'HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length: 0\r\n\r\n'],
    [
      'an upgrade that nobody asked for',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    ],
    ['no HTTP', 'SSH-2.0-OpenSSH_9.0\r\n'],
  ])('is not handed on: %s', async (_what, text) => {
    // Without TLS, so that the target can be less than HTTP.
    const raw = keep(await aRawServer((socket) => void socket.once('data', () => socket.end(text))));
    const { proxy, granted, target } = await aSetting(keep, {
      target: { isTls: false },
      rule: { port: raw.port },
    });
    const host = `${target.host}:${raw.port}`;
    const answer = await rawTalk(
      proxy.port,
      `GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nProxy-Authorization: ${loginOf(granted)}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 502 /);
    expect(answer).toContain('lockstep-proxy: TARGET_UNREACHABLE');
  });

  it('ends the connection that it came by', async () => {
    let connections = 0;
    const raw = keep(
      await aRawServer((socket) => {
        connections += 1;
        socket.on('data', () =>
          // The second answer has been sent before anybody asked for it.
          socket.write(
            'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong',
          ),
        );
      }),
    );
    const { proxy, granted, target } = await aSetting(keep, {
      target: { isTls: false },
      rule: { port: raw.port },
    });
    const host = `${target.host}:${raw.port}`;
    const one = `GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nProxy-Authorization: ${loginOf(granted)}\r\n\r\n`;
    for (let nth = 0; nth < 2; nth += 1) {
      const answer = await rawTalk(proxy.port, one.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
      expect(answer).toMatch(/\r\n\r\nok$/);
    }
    expect(connections).toBe(2);
  });
});

describe('whoever trusts the authority of a pass', () => {
  it('trusts a target that the proxy does not trust as little as the proxy does', async () => {
    const { proxy, granted, target } = await aSetting(keep);
    const other = await aSetting(keep, { rule: { ca: granted.authority.certificate } });
    expect(await ask(other.proxy, other.granted, other.target)).toMatchObject({
      status: 502,
      headers: { 'lockstep-proxy': 'TARGET_REFUSES_TLS' },
    });
    expect(await ask(proxy, granted, target)).toMatchObject({ status: 200 });
    expect(other.target.seen).toEqual([]);
  });
});
