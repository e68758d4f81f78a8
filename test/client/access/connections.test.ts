import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { AccessConnection } from '../../../client/access/access-connection.ts';
import { embeddedAccess } from '../../../client/access/embedded-access.ts';
import { environmentCredentials, signedAccess } from '../../../client/access/signed-access.ts';
import { tokenAccess } from '../../../client/access/token-access.ts';
import { tokenFromCommand, tokenFromFile, unspentFromFile } from '../../../client/access/token-source.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import { MemoryBroker } from '../../fakes/memory-broker.ts';
import { inTempFolder } from '../../fakes/temp-folder.ts';
import { codeOf } from '../../ports/under-test.ts';
import { aReceiver } from '../../outbound/a-receiver.ts';
import { selfSigned } from '../../outbound/self-signed.ts';
import { aBrokerDoor, type BrokerDoor, type DoorOptions } from '../doubles/a-broker-door.ts';

const VALUE = 'sk-canary-of-the-connections';
const JWT = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

const aBroker = (): MemoryBroker =>
  new MemoryBroker(() => new Date(), {
    models: {
      defaultSeconds: 900,
      maximumSeconds: 3600,
      longestSeconds: 3600,
      egress: [
        {
          host: 'api.models.test',
          port: 443,
          network: 'public',
          paths: ['/v1'],
          methods: ['POST'],
          put: { into: 'header', name: 'authorization', prefix: 'Bearer ', field: 'apiKey' },
        },
      ],
      value: () => ({ apiKey: VALUE }),
      purposes: ['research'],
    },
  });

async function aDoor(options: Partial<DoorOptions> = {}): Promise<BrokerDoor> {
  const door = await aBrokerDoor({ broker: aBroker(), ...options });
  open.push(door);
  return door;
}

const order = { leasable: 'models', requestId: '1' } as const;
const messageOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'no error',
    (error: unknown) => (error instanceof Error ? error.message : 'no error of ours'),
  );

const KEY = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret-of-a-test' } as const;
const signed = (broker: string, more: Partial<Parameters<typeof signedAccess>[0]> = {}): AccessConnection =>
  signedAccess({ broker, region: 'eu-central-1', credentials: async () => KEY, ...more });

describe('the broker, asked as an AWS principal', () => {
  it('knows who signed, and hands over a value that is wrapped at once', async () => {
    const door = await aDoor({ awsKeys: { [KEY.accessKeyId]: KEY.secretAccessKey } });
    const reply = await signed(door.url).ask('lease', order);
    if (reply.status !== 'issued') throw new TypeError('nothing was issued');
    expect(JSON.stringify(reply)).not.toContain(VALUE);
    expect(reply.value.reveal()).toBe(JSON.stringify({ apiKey: VALUE }));
    expect(reply.lease.holder).toBe('workload:AKIDEXAMPLE');
    expect(reply.egress[0]?.put).toEqual({
      into: 'header',
      name: 'authorization',
      prefix: 'Bearer ',
      field: 'apiKey',
    });
  });

  it('is shown the token of a session, signed, and the person that is acted for, signed', async () => {
    const door = await aDoor({ awsKeys: { [KEY.accessKeyId]: KEY.secretAccessKey } });
    const asked = signed(door.url, {
      credentials: async () => ({ ...KEY, sessionToken: 'of-the-session' }),
      actingFor: async () => new Secret(JWT),
    });
    expect(await asked.ask('whoami', {})).toMatchObject({ caller: 'workload:AKIDEXAMPLE' });
    expect(door.actedFor).toEqual([JWT]);
  });

  it('does not know a wrong key', async () => {
    const door = await aDoor({ awsKeys: { [KEY.accessKeyId]: 'another' } });
    expect(await codeOf(signed(door.url).ask('whoami', {}))).toBe('UNAUTHENTICATED');
  });

  it('is found by the region in the host of a function URL, or not at all', async () => {
    const place = { credentials: async () => KEY };
    expect(() => signedAccess({ broker: 'https://broker.example/', ...place })).toThrow(/names no region/);
    expect(() => signedAccess({ broker: 'https://a:b@x.lambda-url.eu-west-1.on.aws/', ...place })).toThrow(
      /has a login in it/,
    );
    expect(() => signedAccess({ broker: 'https://x.lambda-url.eu-west-1.on.aws/', ...place })).not.toThrow();
  });

  it('takes credentials of the environment as they are at each ask', async () => {
    const environment: Record<string, string | undefined> = {};
    const credentials = environmentCredentials(environment);
    expect(await codeOf(credentials())).toBe('ENVIRONMENT_INVALID');
    Object.assign(environment, { AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 'B', AWS_SESSION_TOKEN: '' });
    expect(await credentials()).toEqual({ accessKeyId: 'A', secretAccessKey: 'B' });
    Object.assign(environment, { AWS_SESSION_TOKEN: 'C' });
    expect(await credentials()).toEqual({ accessKeyId: 'A', secretAccessKey: 'B', sessionToken: 'C' });
  });
});

describe('the broker, asked by a token', () => {
  const folder = inTempFolder();

  it('takes it from a file, each time anew, and sends none twice', async () => {
    const file = folder().at('token');
    const door = await aDoor({ tokens: new Set([JWT, `${JWT}2`]) });
    const access = tokenAccess({ broker: door.url, token: unspentFromFile(file) });
    writeFileSync(file, `${JWT}\n`);
    expect(await access.ask('whoami', {})).toMatchObject({ caller: 'workload:by-token' });
    // Written again, and the same: nothing is sent, so nobody takes it for a replay.
    writeFileSync(file, JWT);
    expect(await codeOf(access.ask('whoami', {}))).toBe('TOKEN_SPENT');
    expect(await codeOf(access.ask('whoami', {}))).toBe('TOKEN_SPENT');
    expect(door.tokensSeen).toEqual([JWT]);
    writeFileSync(file, `${JWT}2`);
    expect(await access.ask('whoami', {})).toMatchObject({ caller: 'workload:by-token' });
    expect(await codeOf(access.ask('whoami', {}))).toBe('TOKEN_SPENT');
    // One from before, written again by whoever rolls something back.
    writeFileSync(file, JWT);
    expect(await codeOf(access.ask('whoami', {}))).toBe('TOKEN_SPENT');
    expect(door.tokensSeen).toEqual([JWT, `${JWT}2`]);
  });

  it('takes one as used up when nobody knows whether it arrived', async () => {
    const file = folder().at('token');
    writeFileSync(file, JWT);
    const access = tokenAccess({ broker: 'http://127.0.0.1:1', token: unspentFromFile(file) });
    expect(await codeOf(access.ask('whoami', {}))).toBe('NOTHING_REACHABLE');
    expect(await codeOf(access.ask('whoami', {}))).toBe('TOKEN_SPENT');
  });
});

describe('a token of a command', () => {
  const folder = inTempFolder();

  it('is printed for each ask, without a shell and with nothing to read', async () => {
    const door = await aDoor({ tokens: new Set([JWT, `${JWT}2`]) });
    const count = folder().at('count');
    writeFileSync(count, '');
    const script =
      "const fs = require('node:fs'); const [, count, more] = process.argv; fs.readFileSync(0);" +
      "fs.appendFileSync(count, more); const n = fs.readFileSync(count, 'utf8').length / more.length;" +
      `process.stdout.write('${JWT}' + (n === 1 ? '' : n))`;
    const print = tokenFromCommand([process.execPath, '-e', script, count, '$HOME;|']);
    const access = tokenAccess({ broker: door.url, token: print });
    expect(await access.ask('whoami', {})).toBeDefined();
    expect(await access.ask('whoami', {})).toBeDefined();
    expect(door.tokensSeen).toEqual([JWT, `${JWT}2`]);
    expect(readFileSync(count, 'utf8')).toBe('$HOME;|$HOME;|');
  });

  it('or of a file is a token, or what was there instead is not repeated', async () => {
    const file = folder().at('token');
    expect(await messageOf(tokenFromFile(file)())).toMatch(/could not be read \(ENOENT\)/);
    writeFileSync(file, 'password of somebody');
    expect(await messageOf(unspentFromFile(file)())).toBe(
      `what the file ${file} gave is no token: one JWT of at most 6144 characters was expected`,
    );
    writeFileSync(file, '\n');
    expect(await messageOf(unspentFromFile(file)())).toMatch(/gave nothing: a token was expected$/);
  });

  const node = (...words: readonly string[]): readonly string[] => [process.execPath, '-e', ...words];
  it.each<[string, readonly string[], RegExp]>([
    ['fails', node('console.error("a secret"); process.exit(3)', 'a secret'), /ended with code 3/],
    ['prints no token', node('console.log("a secret")'), /gave is no token/],
    ['prints nothing', node(''), /gave nothing/],
    ['prints without end', node('process.stdout.write("a secret".repeat(999999))'), /far more than a token/],
    [
      'does not end, whatever it is told',
      node('process.on("SIGTERM", () => 0); setInterval(() => 0, 1e6)'),
      /within 2 s/,
    ],
    ['is not there', ['/there/is/no/such/program'], /could not be started \(ENOENT\)/],
  ])('is none where the command %s, which is said without its words', async (_what, words, says) => {
    // Short only for the one that waits for it: how long the others take is the machine's affair.
    const source = tokenFromCommand(words, String(says).includes('within') ? 2 : 600);
    const asked = source();
    expect(await messageOf(asked)).toMatch(says);
    expect(await messageOf(asked)).not.toContain('a secret');
    expect(await codeOf(asked)).toBe('NO_TOKEN');
  });
});

describe('the broker of the embedded world', () => {
  const folder = inTempFolder();

  async function aPlace() {
    const door = await aDoor();
    const place = {
      subject: door.subject,
      environment: door.environment,
      identity: folder().at('identity.pem'),
      runtime: folder().at('runtime.json'),
    };
    writeFileSync(place.identity, door.identity);
    writeFileSync(place.runtime, JSON.stringify({ endpoint: door.url }));
    return { door, place };
  }

  it('knows a workload by a proof for exactly this request', async () => {
    const { place } = await aPlace();
    expect(await embeddedAccess(place).ask('whoami', {})).toMatchObject({
      caller: 'workload:research-agent',
    });
    expect(await embeddedAccess(place).ask('lease', order)).toMatchObject({ status: 'issued' });
  });

  it('knows whom an agent acts for, and nobody can put another in place', async () => {
    const { door, place } = await aPlace();
    const access = embeddedAccess({ ...place, actingFor: async () => new Secret(JWT) });
    expect(await access.ask('whoami', {})).toBeDefined();
    expect(door.actedFor).toEqual([JWT]);
  });

  it('does not know another environment, or another subject', async () => {
    const { place } = await aPlace();
    const asks = [{ environment: 'production' }, { subject: 'embedder' }].map((change) =>
      codeOf(embeddedAccess({ ...place, ...change }).ask('whoami', {})),
    );
    expect(await Promise.all(asks)).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED']);
  });

  it('is not there where no runtime says where it is', async () => {
    const { place } = await aPlace();
    writeFileSync(place.runtime, 'no JSON');
    expect(await codeOf(embeddedAccess(place).ask('whoami', {}))).toBe('NOTHING_REACHABLE');
    expect(
      await messageOf(embeddedAccess({ ...place, runtime: `${place.runtime}x` }).ask('whoami', {})),
    ).toMatch(/npm start$/);
    writeFileSync(place.runtime, JSON.stringify({ endpoint: 'http://127.0.0.1:1' }));
    writeFileSync(place.identity, 'no key');
    expect(await messageOf(embeddedAccess(place).ask('whoami', {}))).toBe(
      'the identity of research-agent is no private key in PEM; it is made by the runtime',
    );
  });
});

describe('an answer', () => {
  it('that is an error of the broker is that error', async () => {
    const door = await aDoor({ awsKeys: { [KEY.accessKeyId]: KEY.secretAccessKey } });
    expect(await codeOf(signed(door.url).ask('lease', { ...order, leasable: 'moon' }))).toBe(
      'UNKNOWN_LEASABLE',
    );
  });

  it.each([
    ['is none of ours', 200, '{"canary":"sk-quoted"}', 'NOTHING_REACHABLE'],
    ['is no JSON', 200, 'sk-quoted', 'NOTHING_REACHABLE'],
    ['is a refusal at the door', 403, '{"Message":"sk-quoted"}', 'UNAUTHENTICATED'],
    ['is of something else', 502, 'sk-quoted', 'NOTHING_REACHABLE'],
  ])('that %s is not quoted', async (_what, status, text, code) => {
    const door = await aDoor({ instead: { status, text } });
    const ask = signed(door.url).ask('lease', order);
    expect(await codeOf(ask)).toBe(code);
    expect(await messageOf(ask)).not.toContain('sk-quoted');
  });

  it('that leads elsewhere is not followed', async () => {
    const elsewhere = await aReceiver();
    const here = await aReceiver({
      answers: (_seen, _request, response) => response.writeHead(307, { location: elsewhere.url }).end(),
    });
    open.push(elsewhere, here);
    expect(await codeOf(signed(`http://127.0.0.1:${here.port}`).ask('lease', order))).toBe(
      'NOTHING_REACHABLE',
    );
    expect(here.received).toHaveLength(1);
    expect(elsewhere.received).toEqual([]);
  });

  it('never comes from a server whose certificate is not trusted, whatever the environment says', async () => {
    const there = await aReceiver({ tls: selfSigned('localhost') });
    open.push(there);
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      expect(await messageOf(signed(`https://localhost:${there.port}`).ask('lease', order))).toMatch(
        /DEPTH_ZERO_SELF_SIGNED_CERT/,
      );
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
    }
    expect(there.received).toEqual([]);
  });
});

describe('an ask', () => {
  it.each(['http://broker.example', 'http://127.0.0.1.example', 'http://localhost', 'ftp://127.0.0.1'])(
    'is not sent to %s: what comes back would be read on the way',
    async (broker) => {
      expect(await messageOf(signed(broker).ask('lease', order))).toMatch(/nothing was sent$/);
    },
  );

  it('that is longer than the broker reads is not sent', async () => {
    const there = await aReceiver();
    open.push(there);
    const long = { lease: 'l', note: 'x'.repeat(17_000) };
    expect(await codeOf(signed(`http://127.0.0.1:${there.port}`).ask('review', long))).toBe(
      'MALFORMED_REQUEST',
    );
    expect(there.received).toEqual([]);
  });
});
