import { lookup } from 'node:dns/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { ResolvedAddress } from '../../lambdas/outbound/checked-place.ts';
import { outboundPost, type OutboundPorts } from '../../lambdas/outbound/post.ts';
import { aRawServer, aReceiver, type Receiver, type ReceiverOptions } from './a-receiver.ts';
import { selfSigned } from './self-signed.ts';

const LIMITS = { connectMilliseconds: 400, totalMilliseconds: 1200, bodyBytes: 4096 };
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

async function receiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const started = await aReceiver(options);
  open.push(started);
  return started;
}

async function rawServer(talk: Parameters<typeof aRawServer>[0]): Promise<number> {
  const started = await aRawServer(talk);
  open.push(started);
  return started.port;
}

const post = (url: string, allowHosts: readonly string[] = [], ports: Partial<OutboundPorts> = {}) =>
  outboundPost({ clock: () => new Date(), limits: LIMITS, ...ports })({
    url,
    allowHosts,
    headers: { 'content-type': 'application/json' },
    body: '{"hello":"wörld"}',
  });

/** A resolver that gives another answer each time it is asked. */
function turncoat(...answers: readonly (readonly string[])[]) {
  let asked = 0;
  return {
    asked: () => asked,
    resolve: (): Promise<readonly ResolvedAddress[]> => {
      const answer = answers[Math.min(asked, answers.length - 1)] ?? [];
      asked += 1;
      return Promise.resolve(answer.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
    },
  };
}

describe('a message to a place that may be told', () => {
  it('arrives whole, and its status is the answer', async () => {
    const there = await receiver();
    expect(await post(there.url, ['127.0.0.1'])).toEqual({ outcome: 'answered', status: 204 });
    expect(there.received).toMatchObject([
      { path: '/told', body: '{"hello":"wörld"}', headers: { 'content-length': '18', connection: 'close' } },
    ]);
  });

  it('goes by TLS to a host whose certificate is trusted', async () => {
    const tls = selfSigned('receiver.test');
    const there = await receiver({ tls });
    const names = turncoat(['127.0.0.1']);
    const url = `https://receiver.test:${there.port}/told`;
    expect(await post(url, ['receiver.test'], { ...names, ca: tls.cert })).toMatchObject({ status: 204 });
  });

  it('says how long a receiver asks us to wait', async () => {
    const there = await receiver({
      answers: (_seen, _request, response) => response.writeHead(503, { 'retry-after': '7' }).end(),
    });
    expect(await post(there.url, ['127.0.0.1'])).toEqual({
      outcome: 'answered',
      status: 503,
      retryAfterSeconds: 7,
    });
  });
});

describe('a place that must not be told', () => {
  it.each([
    'http://127.0.0.1:{port}/',
    'http://127.1:{port}/',
    'http://2130706433:{port}/',
    'http://0x7f000001:{port}/',
    'http://0177.0.0.1:{port}/',
    'http://127.0.0.1.:{port}/',
    'http://0.0.0.0:{port}/',
    'http://[::]:{port}/',
    'http://[::1]:{port}/',
    'http://[::ffff:127.0.0.1]:{port}/',
    'http://[::ffff:7f00:1]:{port}/',
    'http://[::127.0.0.1]:{port}/',
    'http://[64:ff9b::7f00:1]:{port}/',
    'https://127.0.0.1:{port}/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[fd00:ec2::254]/latest/meta-data/',
    'http://user:pass@127.0.0.1:{port}/',
    'ftp://127.0.0.1:{port}/',
    'file:///etc/passwd',
    'not a url',
  ])('gets no connection: %s', async (template) => {
    const there = await receiver();
    const answer = await post(template.replace('{port}', String(there.port)));
    expect(answer.outcome).toBe('forbidden');
    expect(there.connections).toBe(0);
  });

  it.each([
    [['127.0.0.1']],
    [['10.0.0.1']],
    [['169.254.169.254']],
    [['::1']],
    [['1.1.1.1', '127.0.0.1']],
    [['2606:4700::1', 'fd00:ec2::254']],
  ])('is refused by what its name stands for, not by its name: %j', async (inside) => {
    const there = await receiver();
    const answer = await post(`http://harmless.test:${there.port}/`, [], turncoat(inside));
    expect(answer.outcome).toBe('forbidden');
    expect(there.connections).toBe(0);
  });

  it('is refused by the real resolver as well: localhost', async () => {
    const there = await receiver();
    expect((await lookup('localhost')).address).toMatch(/^127\.|^::1$/);
    expect((await post(`http://localhost:${there.port}/`)).outcome).toBe('forbidden');
    expect(there.connections).toBe(0);
  });
});

describe('a name server that changes its mind', () => {
  it('is asked once: the socket goes to the address that was judged', async () => {
    const judged = await receiver({ address: '127.0.0.2' });
    const other = await receiver({ address: '127.0.0.3', port: judged.port });
    const names = turncoat(['127.0.0.2'], ['127.0.0.3']);
    const answer = await post(`http://receiver.test:${judged.port}/`, ['receiver.test'], names);
    expect(answer).toMatchObject({ outcome: 'answered', status: 204 });
    expect(names.asked()).toBe(1);
    expect([judged.received.length, other.connections]).toEqual([1, 0]);
  });

  it('does not bring us inside by a second answer after a harmless first one', async () => {
    // The harmless one is refused here for want of TLS, before a socket; the next would be loopback.
    const there = await receiver();
    const names = turncoat(['1.1.1.1'], ['127.0.0.1']);
    expect((await post(`http://receiver.test:${there.port}/`, ['receiver.test'], names)).outcome).toBe(
      'forbidden',
    );
    expect([names.asked(), there.connections]).toEqual([1, 0]);
  });

  it('fails by name where it knows nothing', async () => {
    expect(await post('https://receiver.test/', [], turncoat([]))).toMatchObject({
      outcome: 'failed',
      why: 'dns',
    });
    const broken = {
      resolve: () => Promise.reject(Object.assign(new Error('secret-looking text'), { code: 'ENOTFOUND' })),
    };
    expect(await post('https://receiver.test/', [], broken)).toEqual({
      outcome: 'failed',
      why: 'dns',
      code: 'ENOTFOUND',
    });
  });

  it('is not waited for without end', async () => {
    const silent = { resolve: () => new Promise<never>(() => undefined) };
    expect(await post('https://receiver.test/', [], silent)).toMatchObject({
      outcome: 'failed',
      why: 'timeout',
    });
  });
});

describe('a receiver that is hostile', () => {
  it.each([301, 302, 303, 307, 308])(
    'is not followed by a %i, be it to a metadata service or home',
    async (status) => {
      const home = await receiver();
      const there = await receiver({
        answers: (_seen, _request, response) => response.writeHead(status, { location: home.url }).end(),
      });
      expect(await post(there.url, ['127.0.0.1'])).toEqual({ outcome: 'answered', status });
      expect([there.received.length, home.connections]).toEqual([1, 0]);
    },
  );

  it('sends more than we read: we hang up', async () => {
    let sent = 0;
    const there = await receiver({
      answers: (_seen, _request, response) => {
        response.writeHead(200);
        const more = (): void => {
          if (response.destroyed) return;
          sent += 65_536;
          response.write(Buffer.alloc(65_536), more);
        };
        more();
      },
    });
    expect(await post(there.url, ['127.0.0.1'])).toEqual({ outcome: 'answered', status: 200 });
    // A second of reading on loopback would be hundreds of megabytes; what stands in buffers is a few.
    expect(sent).toBeLessThan(16 * 1024 * 1024);
  });

  it('sends headers without end: we hang up', async () => {
    const port = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const more = setInterval(() => socket.write(`x-filler: ${'a'.repeat(8000)}\r\n`), 5);
      socket.on('close', () => clearInterval(more));
    });
    expect(await post(`http://127.0.0.1:${port}/`, ['127.0.0.1'])).toMatchObject({
      outcome: 'failed',
      why: 'broken',
    });
  });
});

describe('a receiver that never comes to an end', () => {
  it('trickles its answer byte by byte: the time in all is bounded', async () => {
    const port = await rawServer((socket) => {
      const trickle = setInterval(() => socket.write('H'), 50);
      socket.on('close', () => clearInterval(trickle));
      socket.write('HTTP/1.1 200 OK\r\nx-slow: ');
    });
    expect(await post(`http://127.0.0.1:${port}/`, ['127.0.0.1'])).toMatchObject({
      outcome: 'failed',
      why: 'timeout',
    });
  });

  it('answers 103 for ever: the time in all is bounded', async () => {
    const port = await rawServer((socket) => {
      const hints = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'), 50);
      socket.on('close', () => clearInterval(hints));
    });
    expect(await post(`http://127.0.0.1:${port}/`, ['127.0.0.1'])).toMatchObject({
      outcome: 'failed',
      why: 'timeout',
    });
  });

  it('never ends its body: the status counts', async () => {
    const there = await receiver({
      answers: (_seen, _request, response) => response.writeHead(202).write('a'),
    });
    expect(await post(there.url, ['127.0.0.1'])).toEqual({ outcome: 'answered', status: 202 });
  });
});

describe('a receiver that does not speak HTTP', () => {
  it.each([
    ['hangs up without a word', ''],
    ['switches protocols', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'],
    ['speaks something else', 'SSH-2.0-OpenSSH_9.0\r\n'],
  ])('%s: nothing is known', async (_what, words) => {
    const port = await rawServer((socket) => socket.end(words));
    expect((await post(`http://127.0.0.1:${port}/`, ['127.0.0.1'])).outcome).toBe('failed');
  });

  it('never finishes its TLS handshake: the time to connect is bounded', async () => {
    const port = await rawServer(() => undefined);
    const answer = post(`https://127.0.0.1:${port}/`, ['127.0.0.1'], {
      limits: { connectMilliseconds: 200, totalMilliseconds: 60_000 },
    });
    expect(await answer).toMatchObject({ outcome: 'failed', why: 'timeout' });
  });
});

describe('a certificate', () => {
  const names = turncoat(['127.0.0.1']);

  it('that nobody vouches for is refused', async () => {
    const there = await receiver({ tls: selfSigned('receiver.test') });
    const answer = await post(`https://receiver.test:${there.port}/`, ['receiver.test'], names);
    expect(answer).toMatchObject({ outcome: 'failed', why: 'tls' });
    expect(there.received).toEqual([]);
  });

  it('of another host is refused', async () => {
    const tls = selfSigned('other.test');
    const there = await receiver({ tls });
    const answer = await post(`https://receiver.test:${there.port}/`, ['receiver.test'], {
      ...names,
      ca: tls.cert,
    });
    expect(answer).toMatchObject({ outcome: 'failed', why: 'tls' });
    expect(there.received).toEqual([]);
  });

  it('is checked although the environment says otherwise', async () => {
    const there = await receiver({ tls: selfSigned('receiver.test') });
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      const answer = await post(`https://receiver.test:${there.port}/`, ['receiver.test'], names);
      expect(answer).toMatchObject({ outcome: 'failed', why: 'tls' });
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    }
  });
});

describe('a header with a line break', () => {
  it('is not sent', async () => {
    const there = await receiver();
    const send = outboundPost({ clock: () => new Date(), limits: LIMITS });
    const answer = await send({
      url: there.url,
      allowHosts: ['127.0.0.1'],
      headers: { 'webhook-id': 'a\r\nx-injected: 1' },
      body: '{}',
    });
    expect(answer.outcome).toBe('failed');
    expect(there.received).toEqual([]);
  });
});
