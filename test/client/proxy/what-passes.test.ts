import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { ask, askOver, begin, connectThrough, loginOf, talkOver, through } from '../doubles/a-client.ts';
import { keyOf } from '../doubles/a-proxy.ts';
import { aSetting, closing, type Setting } from '../doubles/closing.ts';

const keep = closing();
/** These tests move megabytes, also on a machine that has other things to do. */
const PATIENT = { timeout: 60_000 };
const MEGABYTE = 1024 * 1024;

const values = (raw: readonly string[], name: string): readonly string[] =>
  raw.filter((_value, at) => at % 2 === 1 && raw[at - 1]?.toLowerCase() === name);

describe('the credential in a request', () => {
  it('arrives with the leased credential, in place of whatever the client put there', async () => {
    const { proxy, granted, target } = await aSetting(keep);
    const got = await ask(proxy, granted, target, {
      method: 'POST',
      path: '/v1/chat?stream=false',
      headers: { authorization: 'Bearer placeholder', 'content-type': 'application/json', 'x-own': 'kept' },
      body: '{"model":"a"}',
    });
    expect(got).toMatchObject({ status: 200, body: 'served' });
    const [seen] = target.seen;
    expect(seen).toMatchObject({ method: 'POST', url: '/v1/chat?stream=false', body: '{"model":"a"}' });
    const { id } = granted.leases[0]?.view ?? {};
    expect(values(seen?.rawHeaders ?? [], 'authorization')).toEqual([`Bearer ${keyOf(id ?? '')}`]);
    expect(seen?.headers).toMatchObject({ 'x-own': 'kept', 'content-type': 'application/json' });
  });

  it('takes the place of the same header from the client, however that is spelt', async () => {
    const { proxy, granted, target } = await aSetting(keep, {
      rule: { put: { into: 'header', name: 'X-Custom-Key', prefix: '', field: 'apiKey' } },
    });
    await ask(proxy, granted, target, { headers: { 'x-custom-key': 'mine', x_custom_key: 'mine' } });
    const raw = target.seen[0]?.rawHeaders ?? [];
    expect(raw).not.toContain('mine');
    expect(values(raw, 'x-custom-key')).toEqual([keyOf(granted.leases[0]?.view.id ?? '')]);
  });

  it('carries it as a parameter of the query, however the client spelt its own', async () => {
    const { proxy, granted, target } = await aSetting(keep, {
      rule: { put: { into: 'query', name: 'key', field: 'apiKey' } },
      leasable: { value: () => ({ apiKey: 'a+b/c=d&e' }) },
    });
    const path = '/v1?alt=sse&key=mine&%6bey=mine&KEY=mine&keys=1&q=a%20b&flag';
    await ask(proxy, granted, target, { path });
    expect(target.seen[0]?.url).toBe('/v1?alt=sse&keys=1&q=a%20b&flag&key=a%2Bb%2Fc%3Dd%26e');
    await ask(proxy, granted, target, { path: '/v1' });
    expect(target.seen[1]?.url).toBe('/v1?key=a%2Bb%2Fc%3Dd%26e');
  });

  it('carries it as a login', async () => {
    const { proxy, granted, target } = await aSetting(keep, {
      rule: { put: { into: 'basic', user: 'x-access-token', field: 'token' } },
      leasable: { value: () => ({ token: 'ghs_of-a-test' }) },
    });
    await ask(proxy, granted, target, { headers: { authorization: 'Basic bWluZTptaW5l' } });
    const login = Buffer.from('x-access-token:ghs_of-a-test').toString('base64');
    expect(target.seen[0]?.headers.authorization).toBe(`Basic ${login}`);
  });

  it('is not one without a lease that holds what the rule wants put', async () => {
    const { proxy, granted, target } = await aSetting(keep, {
      leasable: { value: () => ({ other: 'sk-1' }) },
    });
    const got = await ask(proxy, granted, target);
    expect(got).toMatchObject({ status: 500, headers: { 'lockstep-proxy': 'VALUE_MALFORMED' } });
    expect(target.seen).toEqual([]);
  });
});

describe('the credential beside logins of the client', () => {
  it.each([
    'cookie',
    'x-api-key',
    'apikey',
    'x-goog-user-project',
    'x-shopify-access-token',
    'x-functions-key',
    'X_Functions_Key',
  ])('stands alone: %s of the client, which would say who else it is, does not arrive', async (name) => {
    const { proxy, granted, target } = await aSetting(keep);
    await ask(proxy, granted, target, { headers: { [name]: 'another-account' } });
    expect(JSON.stringify(target.seen[0]?.rawHeaders)).toContain('Bearer');
    expect(JSON.stringify(target.seen[0]?.rawHeaders)).not.toContain('another-account');
  });
});

describe('a request', () => {
  it('goes over one connection after another, which stays open', async () => {
    const { proxy, granted, target } = await aSetting(keep);
    const tls = await through(proxy, granted, target);
    for (let nth = 0; nth < 5; nth += 1)
      await askOver(tls, target, { headers: { connection: 'keep-alive' } });
    await ask(proxy, granted, target);
    expect(target.seen).toHaveLength(6);
    expect(target.connections()).toBe(1);
  });

  it('may be one of many at once', async () => {
    const { proxy, granted, target } = await aSetting(keep);
    const all = Array.from({ length: 40 }, (_none, nth) =>
      ask(proxy, granted, target, { method: 'POST', path: `/${nth}`, body: String(nth) }),
    );
    expect((await Promise.all(all)).map(({ status }) => status)).toEqual(
      Array.from({ length: 40 }, () => 200),
    );
    const pairs = target.seen.map(({ url, body }) => url === `/${body}`);
    expect(new Set(pairs)).toEqual(new Set([true]));
  });

  it.each([
    ['HEAD', 200, { 'content-length': '12' }],
    ['GET', 204, {}],
    ['GET', 304, { etag: '"a"' }],
  ])('%s may have an answer without a body (%i)', async (method, status, headers) => {
    const { proxy, granted, target } = await aSetting(keep, {
      answers: (_seen, response) => response.writeHead(status, headers).end(),
    });
    const tls = await through(proxy, granted, target);
    expect(await askOver(tls, target, { method, headers: { connection: 'keep-alive' } })).toMatchObject({
      status,
      headers,
      body: '',
    });
    // The connection is where it was: the next answer is the next one's.
    expect(await askOver(tls, target, { method })).toMatchObject({ status });
  });
});

describe('a request without TLS', () => {
  const tunnelled = async ({ proxy, granted, target }: Setting): Promise<string> => {
    const place = `${target.host}:${target.port}`;
    const { socket } = await connectThrough(proxy, place, { 'proxy-authorization': loginOf(granted) });
    return talkOver(socket, `GET /v1 HTTP/1.1\r\nHost: ${place}\r\nConnection: close\r\n\r\n`, 5_000);
  };

  it('passes to this machine, inside a tunnel as well as to the proxy itself', async () => {
    const setting = await aSetting(keep, { target: { isTls: false } });
    expect(await tunnelled(setting)).toMatch(/^HTTP\/1.1 200 [\s\S]*served/);
    expect(setting.target.seen[0]?.headers.authorization).toMatch(/^Bearer sk-/);
  });

  it('passes nowhere else: inside a tunnel there has to be TLS', async () => {
    const setting = await aSetting(keep, { target: { isTls: false }, rule: { network: 'private' } });
    expect(await tunnelled(setting)).toBe('');
    expect(setting.target.connections()).toBe(0);
  });

  it('is looked at as any other', async () => {
    const setting = await aSetting(keep, { target: { isTls: false }, rule: { paths: ['/v2'] } });
    expect(await tunnelled(setting)).toMatch(/^HTTP\/1.1 403 /);
    expect(setting.target.connections()).toBe(0);
  });
});

describe('a request that waits to be told', () => {
  it('sends its body then', async () => {
    const { proxy, granted, target } = await aSetting(keep);
    const outgoing = begin(await through(proxy, granted, target), target, {
      method: 'POST',
      headers: { expect: '100-continue', 'content-length': '4' },
    });
    outgoing.flushHeaders();
    await once(outgoing, 'continue');
    outgoing.end('body');
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    expect(target.seen[0]).toMatchObject({ body: 'body' });
    expect(target.seen[0]?.headers.expect).toBeUndefined();
  });

  it('is refused before its body, where nothing lets it pass', async () => {
    const { proxy, granted, target } = await aSetting(keep, { rule: { methods: ['GET'] } });
    const outgoing = begin(await through(proxy, granted, target), target, {
      method: 'POST',
      headers: { expect: '100-continue', 'content-length': '4' },
    });
    let wasTold = false;
    outgoing.on('continue', () => (wasTold = true));
    outgoing.flushHeaders();
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    expect([response.statusCode, wasTold]).toEqual([403, false]);
    outgoing.destroy();
  });
});

describe('what streams', PATIENT, () => {
  it('passes whole in both directions, with a length and without', async () => {
    const bytes = Buffer.alloc(4 * MEGABYTE, 'lockstep');
    const digest = createHash('sha256').update(bytes).digest('hex');
    const { proxy, granted, target } = await aSetting(keep, {
      answers: (_seen, response) => response.end(bytes),
    });
    for (const headers of [{ 'content-length': String(bytes.length) }, { 'transfer-encoding': 'chunked' }]) {
      const got = await ask(proxy, granted, target, { method: 'PUT', headers, body: bytes });
      expect(createHash('sha256').update(got.bytes).digest('hex')).toBe(digest);
    }
    expect(target.seen.map(({ sha256 }) => sha256)).toEqual([digest, digest]);
  });

  it('comes while it is made: an event is not held back until the next one', async () => {
    let send: ServerResponse | undefined;
    const { proxy, granted, target } = await aSetting(keep, {
      answers: (_seen, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
        send = response;
      },
    });
    const outgoing = begin(await through(proxy, granted, target), target, {});
    outgoing.end();
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    const [first] = (await once(response, 'data')) as [Buffer];
    expect(first.toString()).toBe('data: 1\n\n');
    send?.write('data: 2\n\n');
    const [second] = (await once(response, 'data')) as [Buffer];
    expect(second.toString()).toBe('data: 2\n\n');
    send?.end();
    await once(response, 'end');
  });
});

describe('a side that is slow', PATIENT, () => {
  it('makes the other wait: nothing is taken faster than the client reads', async () => {
    let sent = 0;
    const { proxy, granted, target } = await aSetting(keep, {
      answers: (_seen, response) => {
        const more = (): void => {
          while (sent < 256 && response.write(Buffer.alloc(MEGABYTE))) sent += 1;
        };
        response.on('drain', () => {
          sent += 1;
          more();
        });
        more();
      },
    });
    const outgoing = begin(await through(proxy, granted, target), target, {});
    outgoing.end();
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    response.pause();
    let before = -1;
    // It stands still some time before all of it was sent.
    while (before !== sent) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    expect(sent).toBeLessThan(64);
    outgoing.destroy();
  });

  it('makes the other wait: nothing is sent faster than the target reads', async () => {
    const { proxy, granted, target } = await aSetting(keep, {
      target: { reads: false },
      answers: () => undefined,
    });
    const outgoing = begin(await through(proxy, granted, target), target, {
      method: 'POST',
      headers: { 'transfer-encoding': 'chunked' },
    });
    outgoing.on('error', () => undefined);
    let sent = 0;
    const more = (): void => {
      while (sent < 256 && outgoing.write(Buffer.alloc(MEGABYTE))) sent += 1;
    };
    outgoing.on('drain', () => {
      sent += 1;
      more();
    });
    more();
    let before = -1;
    while (before !== sent) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    expect(sent).toBeLessThan(64);
    outgoing.destroy();
  });
});

describe('an exchange that breaks off', () => {
  it('ends at the target when the client goes away', async () => {
    const gone: Promise<unknown>[] = [];
    const { proxy, granted, target } = await aSetting(keep, {
      answers: (_seen, response) => {
        gone.push(once(response, 'close'));
        response.writeHead(200).write('begun');
      },
    });
    const tls = await through(proxy, granted, target);
    const outgoing = begin(tls, target, {});
    outgoing.on('error', () => undefined);
    outgoing.end();
    await once(outgoing, 'response');
    tls.destroy();
    await Promise.all(gone);
    expect(gone).toHaveLength(1);
  });

  it('ends at the client when the target breaks off, so that half an answer is not taken for a whole', async () => {
    const { proxy, granted, target } = await aSetting(keep, {
      answers: (_seen, response) => {
        response.writeHead(200, { 'content-length': '1000' }).write('half');
        setTimeout(() => response.destroy(), 20);
      },
    });
    await expect(ask(proxy, granted, target)).rejects.toThrow('aborted');
  });
});
