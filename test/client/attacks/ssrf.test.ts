import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { plainPlace } from '../../../client/proxy/asked-place.ts';
import { demandNetwork } from '../../../client/proxy/dial.ts';
import { join, Tunnels } from '../../../client/proxy/tunnel.ts';
import type { EgressRule } from '../../../lambdas/core/access/access-inventory.ts';
import type { Resolve } from '../../../lambdas/outbound/checked-place.ts';
import { ask, connectThrough, loginOf, rawTalk, talkOver } from '../doubles/a-client.ts';
import { aRawServer } from '../../outbound/a-receiver.ts';
import { aSetting, closing } from '../doubles/closing.ts';

const keep = closing();

/** A resolver that gives another answer each time it is asked. */
function turncoat(...answers: readonly (readonly string[])[]) {
  let asked = 0;
  const resolve: Resolve = async () => {
    const answer = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    return answer.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  };
  return { asked: () => asked, resolve };
}

const METADATA = [
  '169.254.169.254',
  '169.254.170.2',
  'fd00:ec2::254',
  'fe80::1',
  '100.100.100.200',
  '168.63.129.16',
  '::ffff:169.254.169.254',
];

describe('an address in place of a name', () => {
  it.each(['http://169.254.169.254/latest', 'http://10.0.0.7', 'http://[::1]/'])(
    'has no rules: %s',
    (url) => {
      expect(() => plainPlace({ url, rawHeaders: [] })).toThrow(
        'a request through this proxy is for a host name; addresses have no rules; nothing was sent on',
      );
    },
  );

  it('is another mistake than no place at all', () => {
    expect(() => plainPlace({ url: '/latest', rawHeaders: [] })).toThrow('CONNECT host:port was expected');
  });
});

describe('a name that leads to where nothing may go', () => {
  const refused: readonly (readonly [EgressRule['network'], string])[] = [
    ...METADATA.flatMap((address) =>
      (['public', 'private', 'loopback'] as const).map((each) => [each, address] as const),
    ),
    ['public', '127.0.0.1'],
    ['public', '::1'],
    ['public', '10.0.0.7'],
    ['public', '192.168.1.1'],
    ['public', 'fd12::1'],
    ['public', '100.64.0.1'],
    ['public', '0.0.0.0'],
    ['public', '::ffff:127.0.0.1'],
    ['public', '64:ff9b::7f00:1'],
    ['private', '127.0.0.1'],
    ['private', '::1'],
    ['private', '0.0.0.0'],
    ['loopback', '10.0.0.7'],
    ['loopback', '0.0.0.0'],
  ];

  it.each(refused)('that was declared %s leads nowhere when it resolves to %s', async (network, address) => {
    const { proxy, granted, target } = await aSetting(keep, { rule: { network }, ...turncoat([address]) });
    const got = await ask(proxy, granted, target);
    expect(got).toMatchObject({ status: 403, headers: { 'lockstep-proxy': 'EGRESS_REFUSED' } });
    expect(target.connections()).toBe(0);
  });
});

describe('a name with several answers', () => {
  it('leads nowhere when one of its addresses may not be used, wherever it stands', async () => {
    const answers = [
      ['127.0.0.1', '169.254.169.254'],
      ['169.254.169.254', '127.0.0.1'],
    ];
    for (const answer of answers) {
      const { proxy, granted, target } = await aSetting(keep, turncoat(answer));
      expect(await ask(proxy, granted, target)).toMatchObject({ status: 403 });
      expect(target.connections()).toBe(0);
    }
  });

  it('is resolved once for a connection, which goes to the address that was judged (rebinding)', async () => {
    const names = turncoat(['127.0.0.1'], ['169.254.169.254']);
    const { proxy, granted, target } = await aSetting(keep, { resolve: names.resolve });
    expect(await ask(proxy, granted, target)).toMatchObject({ status: 200 });
    expect(names.asked()).toBe(1);
    // The connection that is open is used; a new one would be judged anew.
    expect(await ask(proxy, granted, target)).toMatchObject({ status: 200 });
    granted.upstream.close();
    expect(await ask(proxy, granted, target)).toMatchObject({ status: 403 });
    expect(names.asked()).toBe(2);
  });
});

describe('the name of a host of the lease', () => {
  it.each([
    ['private', '10.0.0.7'],
    ['private', 'fd12::1'],
    ['private', '93.184.216.34'],
    ['public', '93.184.216.34'],
    ['public', '2606:2800:220:1::1'],
    ['loopback', '127.0.0.1'],
    ['loopback', '::1'],
  ] as const)('may be %s where that was declared, and then leads to %s', (network, address) => {
    expect(() => demandNetwork('api.test', network, [{ address, family: 4 }])).not.toThrow();
  });

  it('may resolve to nothing, or not at all', async () => {
    const fails: Resolve = async () => {
      throw Object.assign(new Error('getaddrinfo sk-quoted'), { code: 'ENOTFOUND' });
    };
    for (const resolve of [fails, turncoat([]).resolve]) {
      const { proxy, granted, target } = await aSetting(keep, { resolve });
      const got = await ask(proxy, granted, target);
      expect(got.status).toBe(502);
      expect(got.body).not.toContain('sk-quoted');
    }
  });
});

describe('a place that is asked for by address, or in disguise', () => {
  it.each([
    '169.254.169.254:80',
    '127.0.0.1:{port}',
    '[::1]:{port}',
    '[::ffff:127.0.0.1]:{port}',
    '2130706433:{port}',
    '0x7f000001:{port}',
    '0177.0.0.1:{port}',
    '127.1:{port}',
    '0:{port}',
    'api.target.test.:{port}',
    'api.target.test:0{port}',
    'api.target.test',
    'api.target.test:',
    'api.target.test:99999',
    'user@api.target.test:{port}',
    'api.target.test:{port}@127.0.0.1:{port}',
    'api.target.test%00.test:{port}',
    'http://api.target.test:{port}/',
    '/api.target.test:{port}',
    'ａpi.target.test:{port}',
  ])('is refused, whatever passes otherwise: %s', async (written) => {
    const { proxy, granted, target } = await aSetting(keep, { tunnels: ['*'] });
    const place = written.replaceAll('{port}', String(target.port));
    const answer = await rawTalk(
      proxy.port,
      Buffer.from(
        `CONNECT ${place} HTTP/1.1\r\nHost: ${place}\r\nProxy-Authorization: ${loginOf(granted)}\r\n\r\n`,
      ),
      300,
    );
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(target.connections()).toBe(0);
  });

  it('is refused without TLS too, and so is everything without TLS that is not on this machine', async () => {
    const { proxy, granted, target } = await aSetting(keep, { rule: { network: 'private' }, tunnels: ['*'] });
    const asks = [
      `http://169.254.169.254/latest/meta-data/`,
      `http://127.0.0.1:${target.port}/`,
      `http://${target.host}:${target.port}/`,
      'http://elsewhere.test/',
      'https://elsewhere.test/',
    ];
    for (const url of asks) {
      const { host } = new URL(url);
      const answer = await rawTalk(
        proxy.port,
        `GET ${url} HTTP/1.1\r\nHost: ${host}\r\nProxy-Authorization: ${loginOf(granted)}\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1.1 40[03] /);
    }
    expect(target.connections()).toBe(0);
  });
});

describe('a request without TLS to what is not on this machine', () => {
  it('is refused by the rules, before a name is resolved', async () => {
    const names = turncoat(['10.0.0.7']);
    const { proxy, granted, target } = await aSetting(keep, { rule: { network: 'private' }, ...names });
    const place = `${target.host}:${target.port}`;
    const answer = await rawTalk(
      proxy.port,
      `GET http://${place}/ HTTP/1.1\r\nHost: ${place}\r\nProxy-Authorization: ${loginOf(granted)}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 403 [\s\S]*no egress rule of the lease lets this request/);
    expect(names.asked()).toBe(0);
  });
});

describe('a tunnel', () => {
  it('is refused where nobody asked for it', async () => {
    const { proxy, granted } = await aSetting(keep);
    const got = await connectThrough(proxy, 'pypi.test:443', { 'proxy-authorization': loginOf(granted) });
    expect(got.status).toBe(403);
    expect(got.body).toContain('lockstep proxy --tunnel pypi.test:443');
  });

  it.each([...METADATA, '127.0.0.1', '10.0.0.7', '::1', '0.0.0.0'])(
    'leads nowhere when the name resolves to %s',
    async (address) => {
      const { proxy, granted } = await aSetting(keep, {
        tunnels: ['*', 'named.test:8443'],
        ...turncoat([address]),
      });
      for (const place of ['elsewhere.test:443', 'named.test:8443']) {
        const got = await connectThrough(proxy, place, { 'proxy-authorization': loginOf(granted) });
        expect(got).toMatchObject({ status: 403, headers: { 'lockstep-proxy': 'EGRESS_REFUSED' } });
      }
    },
  );

  it('is never made to a place of the lease: there the credential would be missing, or the rules would', async () => {
    const { proxy, granted, target } = await aSetting(keep, { rule: { paths: ['/v1'] }, tunnels: ['*'] });
    expect(await ask(proxy, granted, target, { path: '/v2' })).toMatchObject({ status: 403 });
    expect(target.connections()).toBe(0);
  });

  it.each(['10.0.0.1', 'a b', '', 'host:port', 'https://host'])('cannot be asked for to %j', (given) => {
    expect(() => new Tunnels([given])).toThrow(/a tunnel is for a host name/);
  });

  it('of all hosts is one to their port 443', () => {
    const all = new Tunnels(['*', 'git.test:22']);
    const places = [
      { host: 'any.test', port: 443 },
      { host: 'any.test', port: 22 },
      { host: 'git.test', port: 22 },
    ];
    expect(places.map((place) => all.has(place))).toEqual([true, false, true]);
    expect(new Tunnels([]).has({ host: 'any.test', port: 443 })).toBe(false);
  });
});

describe('what goes through a tunnel', () => {
  it('is joined byte for byte, with what was sent before the answer', async () => {
    const there = keep(
      await aRawServer((socket) => void socket.on('data', (chunk) => socket.end(`heard ${String(chunk)}`))),
    );
    const front = createServer((socket) => {
      join(socket, Buffer.from('early'), connect(there.port, '127.0.0.1'));
    });
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    try {
      const client = connect((front.address() as AddressInfo).port, '127.0.0.1');
      expect(await talkOver(client, '')).toBe('HTTP/1.1 200 Connection Established\r\n\r\nheard early');
    } finally {
      front.close();
    }
  });
});
