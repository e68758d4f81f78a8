import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ask, connectThrough, loginOf } from '../doubles/a-client.ts';
import { keyOf } from '../doubles/a-proxy.ts';
import { aTarget } from '../doubles/a-target.ts';
import { aSetting, closing } from '../doubles/closing.ts';

const keep = closing();

describe('a target that sends the client elsewhere', () => {
  it('sends it to where the credential does not go: the redirect is handed on, and is not followed', async () => {
    const thief = keep(await aTarget(undefined, { host: 'thief.test' }));
    const { proxy, granted, target } = await aSetting(keep, {
      answers: (_seen, response) =>
        response.writeHead(307, { location: `https://thief.test:${thief.port}/take` }).end(),
    });
    const got = await ask(proxy, granted, target, { method: 'POST', body: 'prompt' });
    expect(got).toMatchObject({
      status: 307,
      headers: { location: `https://thief.test:${thief.port}/take` },
    });
    const next = await connectThrough(proxy, `thief.test:${thief.port}`, {
      'proxy-authorization': loginOf(granted),
    });
    expect(next.status).toBe(403);
    expect([thief.connections(), target.seen.length]).toEqual([0, 1]);
  });

  it('sends it with a tunnel to where the credential does not go either', async () => {
    const thief = keep(await aTarget(undefined, { host: 'thief.test' }));
    const { proxy, granted } = await aSetting(keep, { tunnels: [`thief.test:${thief.port}`] });
    // The tunnel is for public hosts, and this one is on this machine.
    const next = await connectThrough(proxy, `thief.test:${thief.port}`, {
      'proxy-authorization': loginOf(granted),
    });
    expect(next.status).toBe(403);
    expect(thief.connections()).toBe(0);
  });

  it('does not get the key of a query into the place that it names', async () => {
    const { proxy, granted, target } = await aSetting(keep, {
      rule: { put: { into: 'query', name: 'key', field: 'apiKey' } },
      answers: ({ url }, response) => response.writeHead(301, { location: `https://thief.test${url}` }).end(),
    });
    const got = await ask(proxy, granted, target, { path: '/v1' });
    expect(got.headers.location).toMatch(/^https:\/\/thief\.test\/v1\?key=\*+$/);
  });

  it('does not tell it another way to itself that goes past the proxy', async () => {
    const { proxy, granted, target } = await aSetting(keep, {
      answers: (_seen, response) => response.writeHead(200, { 'alt-svc': 'h3=":443"' }).end(),
    });
    expect((await ask(proxy, granted, target)).headers['alt-svc']).toBeUndefined();
  });

  it('cannot speak as the proxy', async () => {
    const { proxy, granted, target } = await aSetting(keep, {
      answers: (_seen, response) =>
        response.writeHead(200, { 'lockstep-proxy': 'LEASE_OVER', Lockstep_Proxy: 'LEASE_OVER' }).end(),
    });
    const got = await ask(proxy, granted, target);
    expect(JSON.stringify(got.rawHeaders)).not.toContain('LEASE_OVER');
  });
});

describe('a target that shows what it was asked', () => {
  it.each([
    ['in one piece', (text: string) => [text]],
    ['byte by byte', (text: string) => text.split('')],
    ['cut in the middle', (text: string) => [text.slice(0, 30), text.slice(30)]],
  ])('shows asterisks in place of the credential, in headers and body, %s', async (_how, cut) => {
    const { proxy, granted, target } = await aSetting(keep, {
      answers: ({ headers }, response) => {
        response.writeHead(200, { 'x-echo': headers.authorization ?? '' });
        for (const piece of cut(`you sent: ${headers.authorization ?? ''}, and that is it`))
          response.write(piece);
        response.end();
      },
    });
    const got = await ask(proxy, granted, target);
    const key = keyOf(granted.leases[0]?.view.id ?? '');
    expect(got.body).toBe(`you sent: Bearer ${'*'.repeat(key.length)}, and that is it`);
    expect(got.headers['x-echo']).toBe(`Bearer ${'*'.repeat(key.length)}`);
  });

  it('shows asterisks in a long answer as well, wherever TLS cuts it', async () => {
    const long = (key: string): string =>
      Array.from({ length: 20_000 }, (_none, at) => `${at}:${key} `).join('');
    const { proxy, granted, target } = await aSetting(keep, {
      answers: ({ headers }, response) => response.end(long(headers.authorization ?? '')),
    });
    const key = keyOf(granted.leases[0]?.view.id ?? '');
    const { body } = await ask(proxy, granted, target);
    expect(body.length).toBeGreaterThan(500_000);
    expect(body === long(`Bearer ${'*'.repeat(key.length)}`)).toBe(true);
  });

  it('shows none of a login, neither whole nor the part that is secret', async () => {
    const { proxy, granted, target } = await aSetting(keep, {
      rule: { put: { into: 'basic', user: 'x', field: 'apiKey' } },
      answers: ({ headers }, response) => {
        const [, login = ''] = (headers.authorization ?? '').split(' ');
        response.end(`${login} ${Buffer.from(login, 'base64').toString()}`);
      },
    });
    expect((await ask(proxy, granted, target)).body).toMatch(/^\*+ x:\*+$/);
  });

  it('is asked for an answer that can be looked through; one that is packed all the same is handed on whole', async () => {
    const packed = gzipSync('packed');
    const { proxy, granted, target } = await aSetting(keep, {
      answers: (_seen, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed),
    });
    const got = await ask(proxy, granted, target, { headers: { 'accept-encoding': 'gzip' } });
    expect(target.seen[0]?.headers['accept-encoding']).toBe('identity');
    expect(got.bytes).toEqual(packed);
  });
});
