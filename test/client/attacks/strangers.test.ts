import { describe, expect, it } from 'vitest';
import { askOver, connectThrough, loginOf, rawTalk, talkOver, through } from '../doubles/a-client.ts';
import { aProxyWorld, ruleOfTarget } from '../doubles/a-proxy.ts';
import { aTarget } from '../doubles/a-target.ts';
import { aSetting, closing } from '../doubles/closing.ts';

const keep = closing();
const basic = (login: string): string => `Basic ${Buffer.from(login).toString('base64')}`;

/** Two leases of two agents, each with a pass of its own, at two targets. */
async function twoAgents() {
  const [mine, theirs] = [
    keep(await aTarget(undefined, { host: 'mine.test' })),
    keep(await aTarget(undefined, { host: 'theirs.test' })),
  ];
  const world = keep(
    await aProxyWorld({
      leasables: { mine: { egress: [ruleOfTarget(mine)] }, theirs: { egress: [ruleOfTarget(theirs)] } },
    }),
  );
  const place = `${theirs.host}:${theirs.port}`;
  const { proxy } = world;
  return { proxy, mine, theirs, place, own: await world.pass('mine'), other: await world.pass('theirs') };
}

describe('a process without the secret of a pass', () => {
  it.each([
    ['shows nothing', () => ({})],
    ['guesses', () => ({ 'proxy-authorization': basic('pass-1:guessed') })],
    ['shows a name alone', () => ({ 'proxy-authorization': basic('pass-1:') })],
    ['names a pass that is not', () => ({ 'proxy-authorization': basic('pass-9:guessed') })],
    [
      'shows it in another scheme',
      (login: string) => ({ 'proxy-authorization': login.replace('Basic', 'Bearer') }),
    ],
    ['shows it to the target instead', (login: string) => ({ authorization: login })],
  ])('is refused, in one wording, and nothing is sent on: it %s', async (_what, headersOf) => {
    const { proxy, granted, target } = await aSetting(keep);
    const got = await connectThrough(proxy, `${target.host}:${target.port}`, headersOf(loginOf(granted)));
    expect(got).toMatchObject({
      status: 407,
      headers: { 'proxy-authenticate': 'Basic realm="lockstep"', 'lockstep-proxy': 'UNAUTHENTICATED' },
    });
    expect(JSON.parse(got.body)).toMatchObject({ error: { code: 'UNAUTHENTICATED' } });
    expect(got.body).not.toContain('pass-1');
    expect(target.connections()).toBe(0);
  });

  it('does not learn which places pass, nor whether its request was one', async () => {
    const { proxy, target } = await aSetting(keep);
    const asks = [
      `CONNECT ${target.host}:${target.port} HTTP/1.1\r\nHost: ${target.host}:${target.port}\r\n\r\n`,
      'CONNECT elsewhere.test:443 HTTP/1.1\r\nHost: elsewhere.test:443\r\n\r\n',
      'CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:22\r\n\r\n',
      'GET http://169.254.169.254/latest/meta-data HTTP/1.1\r\nHost: 169.254.169.254\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n',
    ];
    const answers = await Promise.all(asks.map((each) => rawTalk(proxy.port, each)));
    const withoutDate = answers.map((answer) => answer.replaceAll(/Date: .*\r\n/g, '').toLowerCase());
    expect(new Set(withoutDate.map((each) => each.split('\r\n')[0]))).toEqual(
      new Set(['http/1.1 407 proxy authentication required']),
    );
    expect(new Set(withoutDate.map((each) => each.split('\r\n\r\n')[1])).size).toBe(1);
  });

  it('does not get in by showing two, of which one is right', async () => {
    const { proxy, granted, target } = await aSetting(keep);
    const place = `${target.host}:${target.port}`;
    const login = loginOf(granted);
    const both = `CONNECT ${place} HTTP/1.1\r\nHost: ${place}\r\nProxy-Authorization: ${login}\r\nProxy-Authorization: ${basic('a:b')}\r\n\r\n`;
    expect(await rawTalk(proxy.port, both)).toMatch(/^HTTP\/1.1 407 /);
  });

  it('cannot use a pass that has ended, nor go on with one', async () => {
    const { proxy, granted, target } = await aSetting(keep);
    const tls = await through(proxy, granted, target);
    expect(await askOver(tls, target, { headers: { connection: 'keep-alive' } })).toMatchObject({
      status: 200,
    });
    proxy.close(granted);
    await expect(askOver(tls, target)).rejects.toThrow('socket hang up');
    const again = await connectThrough(proxy, `${target.host}:${target.port}`, {
      'proxy-authorization': loginOf(granted),
    });
    expect(again.status).toBe(407);
    expect(target.seen).toHaveLength(1);
  });
});

describe('whoever has a pass', () => {
  it('cannot reach the place of another one', async () => {
    const { proxy, own, theirs, place } = await twoAgents();
    const got = await connectThrough(proxy, place, { 'proxy-authorization': loginOf(own) });
    expect(got.status).toBe(403);
    expect(JSON.parse(got.body)).toMatchObject({ error: { code: 'EGRESS_REFUSED' } });
    expect(theirs.connections()).toBe(0);
  });

  it('cannot use the name of another with its own secret', async () => {
    const { proxy, own, other, place } = await twoAgents();
    const login = basic(`${other.name}:${own.secret.value.reveal()}`);
    expect((await connectThrough(proxy, place, { 'proxy-authorization': login })).status).toBe(407);
  });

  it('cannot ask for the place of another on a connection that it opened to its own', async () => {
    const { proxy, own, mine, theirs, place } = await twoAgents();
    const tls = await through(proxy, own, mine);
    expect(await talkOver(tls, `GET / HTTP/1.1\r\nHost: ${place}\r\n\r\n`)).toMatch(/^HTTP\/1.1 400 /);
    expect([mine.seen, theirs.seen]).toEqual([[], []]);
  });

  it('shares no connection to a target with another pass', async () => {
    const { proxy, granted, target, ...world } = await aSetting(keep);
    const second = await world.pass('models');
    const ports = new Set<number>();
    for (const each of [granted, second]) {
      await askOver(await through(proxy, each, target), target);
      ports.add(target.seen.at(-1)?.clientPort ?? 0);
    }
    expect(ports.size).toBe(2);
  });

  it('has the word of an authority for the places of its own leases alone', async () => {
    const { proxy, own, other, theirs } = await twoAgents();
    const { socket } = await connectThrough(proxy, `${theirs.host}:${theirs.port}`, {
      'proxy-authorization': loginOf(other),
    });
    expect(own.authority.contextFor(theirs.host)).toBeUndefined();
    socket.destroy();
  });

  it('cannot have two leases for one place: which of them a request means, nothing could say', async () => {
    const target = keep(await aTarget());
    const egress = [ruleOfTarget(target)];
    const world = keep(await aProxyWorld({ leasables: { one: { egress }, two: { egress }, none: {} } }));
    await expect(world.pass('one', 'two')).rejects.toMatchObject({ code: 'COMMAND_INVALID' });
    await expect(world.pass('none')).rejects.toMatchObject({ code: 'COMMAND_INVALID' });
  });
});
