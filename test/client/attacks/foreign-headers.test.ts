import { describe, expect, it } from 'vitest';
import { talkOver, through } from '../doubles/a-client.ts';
import { aSetting, closing } from '../doubles/closing.ts';

const keep = closing();

describe('headers of a client', () => {
  it.each([
    [
      'say who it is',
      [
        'Authorization: Bearer theirs',
        'X-Api-Key: theirs',
        'x_api_key: theirs',
        'Cookie: a=theirs',
        'Private-Token: theirs',
        'X-Amz-Security-Token: theirs',
      ],
    ],
    [
      'are about the connection',
      [
        'Connection: keep-alive, X-Drop',
        'X-Drop: theirs',
        'Keep-Alive: timeout=5, theirs',
        'TE: trailers;theirs',
        'Trailer: theirs',
      ],
    ],
    [
      'are for a proxy',
      ['Proxy-Authorization: Basic theirs', 'Proxy-Connection: theirs', 'proxy_authorization: theirs'],
    ],
    [
      'say that the request is another',
      [
        'X-HTTP-Method-Override: theirs',
        'X-Original-URL: /theirs',
        'X-Rewrite-URL: /theirs',
        'X-Forwarded-Host: theirs',
        'Forwarded: host=theirs',
        'X_Http_Method_Override: theirs',
      ],
    ],
    ['say how the answer is packed', ['Accept-Encoding: gzip, theirs']],
  ])('do not pass where they %s', async (_what, headers) => {
    const { proxy, granted, target } = await aSetting(keep);
    const host = `${target.host}:${target.port}`;
    const tls = await through(proxy, granted, target);
    const answer = await talkOver(
      tls,
      `GET / HTTP/1.1\r\nHost: ${host}\r\nX-Passes: yes\r\n${headers.join('\r\n')}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    const [seen] = target.seen;
    expect(seen?.headers['x-passes']).toBe('yes');
    expect(JSON.stringify(seen?.rawHeaders)).not.toContain('theirs');
  });
});

describe('what the proxy says itself', () => {
  it('cannot be taken away by naming it as one of the connection', async () => {
    const { proxy, granted, target } = await aSetting(keep);
    const host = `${target.host}:${target.port}`;
    const tls = await through(proxy, granted, target);
    await talkOver(tls, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close, authorization, host\r\n\r\n`);
    expect(target.seen[0]?.headers).toMatchObject({
      host,
      authorization: expect.stringMatching(/^Bearer sk-/),
    });
  });

  it('is not joined by headers at the end of a body', async () => {
    const { proxy, granted, target } = await aSetting(keep);
    const host = `${target.host}:${target.port}`;
    const tls = await through(proxy, granted, target);
    await talkOver(
      tls,
      `POST / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nTrailer: X-Last\r\n\r\n4\r\nbody\r\n0\r\nX-Last: theirs\r\n\r\n`,
    );
    expect(target.seen[0]).toMatchObject({ body: 'body' });
    expect(JSON.stringify(target.seen[0]?.rawHeaders)).not.toContain('theirs');
  });
});
