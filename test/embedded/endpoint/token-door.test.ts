import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, SignJWT, type JWTHeaderParameters, type JWTPayload } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProofAuthenticator } from '../../../embedded/endpoint/authenticate.ts';
import { openEndpoint } from '../../../embedded/endpoint/endpoint.ts';
import { WorkloadIdentities } from '../../../embedded/endpoint/workload-identities.ts';
import { issuerPlace } from '../../../embedded/issuer/issuer-places.ts';
import { TokenIssuer } from '../../../embedded/issuer/token-issuer.ts';
import { parseAsk } from '../../../lambdas/contracts/access-requests.ts';
import { NO_ACCESS, type Issuer } from '../../../lambdas/core/access/access-inventory.ts';
import { callerKey } from '../../../lambdas/core/access/caller.ts';
import type { Inventory } from '../../../lambdas/core/credential.ts';
import { recogniseCaller } from '../../../lambdas/recognise-caller/recognise-caller.ts';
import { readKeys } from '../../../lambdas/tokens/read-keys.ts';
import { tokenVerifier } from '../../../lambdas/tokens/token-verifier.ts';
import { countedIds } from '../../fakes/counted-ids.ts';
import { CountingMetrics } from '../../fakes/counting-metrics.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { Judge } from '../../fakes/judge.ts';
import { MemoryLedger } from '../../fakes/memory-ledger.ts';
import { inTempFolder } from '../../fakes/temp-folder.ts';

const OKTA: Issuer = {
  name: 'okta',
  ...issuerPlace('http://127.0.0.1:4242', 'okta'),
  audience: 'lockstep-okta',
  algorithms: ['ES256'],
  clockSkewSeconds: 30,
  longestTokenSeconds: 600,
  use: 'caller',
};
const INVENTORY: Inventory = {
  environment: 'local',
  digest: '0'.repeat(64),
  workloads: [],
  freezes: [],
  credentials: [],
  access: {
    ...NO_ACCESS,
    issuers: [OKTA],
    roles: [{ name: 'analyst', groups: [{ issuer: 'okta', group: 'analysts' }], principals: [] }],
  },
};

const folder = inTempFolder();
let clock: FakeClock;
let server: Server;
let issuer: TokenIssuer;
let replayed: string[];

/** The whole way of a token: endpoint, published keys, verifier, ledger. Only the broker behind it is left out. */
beforeEach(async () => {
  [clock, replayed] = [new FakeClock(), []];
  issuer = new TokenIssuer({
    folder: folder().at('keys'),
    issuers: [OKTA],
    clock: clock.now,
    newId: countedIds(),
  });
  const tokens = tokenVerifier({
    read: (each) =>
      readKeys(async ({ url }) => {
        const published = await issuer.published(new URL(url).pathname);
        return { outcome: 'answered', status: published ? 200 : 404, body: JSON.stringify(published ?? {}) };
      }, each),
    clock: clock.now,
  });
  const [ledger, newId] = [new MemoryLedger(new Judge()), countedIds()];
  const metrics = new CountingMetrics();
  const never = () => Promise.reject(new Error('nobody asks for this here'));
  server = await openEndpoint({
    port: 0,
    authenticator: new ProofAuthenticator(
      'lockstep/local',
      {
        workloads: new WorkloadIdentities(folder().at('workloads')),
        people: new WorkloadIdentities(folder().at('people')),
      },
      clock.now,
    ),
    read: never,
    answerDependent: never,
    answerAccess: async ({ shown, body }) => {
      const onReplay = async ({ caller }: { readonly caller: Parameters<typeof callerKey>[0] }) =>
        void replayed.push(callerKey(caller));
      const ports = {
        inventory: INVENTORY,
        tokens,
        metrics,
        ledger,
        clock: clock.now,
        newId,
        onReplay,
      };
      return { caller: callerKey(await recogniseCaller(ports, shown, parseAsk(body))) };
    },
    published: (path) => issuer.published(path),
    metrics,
    page: never,
  });
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function ask(token: string, body = '{"ask":"whoami"}') {
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/access`, {
    method: 'POST',
    headers: { 'lockstep-token': token },
    body,
  });
  return { status: answer.status, text: await answer.text() };
}

const good = async (): Promise<string> =>
  (await issuer.sign({ issuer: 'okta', subject: 'ada', groups: ['analysts'] })).reveal();

interface Parts {
  readonly claims?: JWTPayload;
  readonly header?: Partial<JWTHeaderParameters>;
  readonly key?: KeyObject;
  readonly from?: number;
  readonly seconds?: number;
}

/** A token signed with the issuer's own key, unless another is given: everything but one thing is right. */
async function signed({ claims = {}, header = {}, key, from = 0, seconds = 300 }: Parts): Promise<string> {
  await good();
  const own = createPrivateKey(readFileSync(folder().at('keys', 'issuer-ES256.pem'), 'utf8'));
  const now = Math.floor(clock.now().getTime() / 1000) + from;
  const payload = {
    iss: OKTA.issuer,
    aud: OKTA.audience,
    sub: 'ada',
    jti: `made-${from}-${seconds}`,
    groups: ['analysts'],
    iat: now,
    exp: now + seconds,
    ...claims,
  };
  return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', typ: 'JWT', ...header }).sign(key ?? own);
}

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** What a stranger could try, and what one sees of it. */
const FORGED: readonly (readonly [string, () => Promise<string>])[] = [
  ['no token at all', async () => 'x'],
  ['three dots', async () => '..'],
  ['a key of their own', () => signed({ key: stranger.privateKey })],
  [
    'a key of their own that comes with it',
    async () => signed({ key: stranger.privateKey, header: { jwk: await exportJWK(stranger.publicKey) } }),
  ],
  [
    'the address of a key of their own',
    () => signed({ key: stranger.privateKey, header: { jku: 'http://127.0.0.1:1/keys' } }),
  ],
  ['no algorithm', async () => `${encoded({ alg: 'none' })}.${(await signed({})).split('.')[1]}.`],
  [
    'the published key as a shared secret',
    async () => {
      const claims = (await signed({})).split('.')[1];
      const own = createPublicKey(readFileSync(folder().at('keys', 'issuer-ES256.pem'), 'utf8'));
      const text = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${claims}`;
      const secret = own.export({ type: 'spki', format: 'pem' });
      return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
    },
  ],
  [
    'claims that were changed',
    async () => {
      const [header, , signature] = (await signed({})).split('.');
      const claims = {
        iss: OKTA.issuer,
        aud: OKTA.audience,
        sub: 'root',
        iat: 0,
        exp: 4e9,
        groups: ['analysts'],
      };
      return `${header}.${encoded(claims)}.${signature}`;
    },
  ],
  ['a signature that was cut', async () => (await signed({})).slice(0, -4)],
  ['another issuer', () => signed({ claims: { iss: 'https://evil.test' } })],
  ['the issuer, spelt otherwise', () => signed({ claims: { iss: `${OKTA.issuer}/` } })],
  ['another audience', () => signed({ claims: { aud: 'lockstep-other' } })],
  ['two audiences', () => signed({ claims: { aud: [OKTA.audience, 'other'] } })],
  ['another kind of token', () => signed({ header: { typ: 'logout+jwt' } })],
  ['an extension that has to be understood', () => signed({ header: { crit: ['b64'], b64: true } })],
  ['no subject', () => signed({ claims: { sub: '' } })],
];

describe('a token at the door', () => {
  it('lets in whom it names', async () => {
    expect(await ask(await good())).toEqual({
      status: 200,
      text: JSON.stringify({ caller: `person:${OKTA.issuer}|ada` }),
    });
  });

  it('is good for one request; a second one is refused, and told of', async () => {
    const token = await good();
    await ask(token);
    const again = await ask(token);
    expect([again.status >= 400, again.text, replayed]).toEqual([
      true,
      expect.stringContaining('TOKEN_REPLAYED'),
      [`person:${OKTA.issuer}|ada`],
    ]);
  });

  it('may come again with the request for a lease that it came with', async () => {
    const token = await good();
    const lease = '{"ask":"lease","leasable":"vector-reader","requestId":"r-1"}';
    expect([(await ask(token, lease)).status, (await ask(token, lease)).status]).toEqual([200, 200]);
    expect((await ask(token, lease.replace('r-1', 'r-2'))).status).not.toBe(200);
  });
});

describe('a token that is not as it has to be', () => {
  it.each(FORGED)(
    'lets nobody in, and tells a stranger what it tells all of them: %s',
    async (_what, make) => {
      const [refused, plain] = [await ask(await make()), await ask('a.b.c')];
      expect(refused.status).toBe(401);
      expect(refused).toEqual(plain);
    },
  );

  it.each<[string, Parts, RegExp]>([
    ['that has expired', { from: -400, seconds: 300 }, /has expired/],
    ['from the future', { from: 120 }, /issued in the future/],
    ['that is good for too long', { seconds: 3600 }, /valid for longer than the 600 s/],
  ])('tells its owner what is wrong with one %s', async (_what, parts, says) => {
    const { status, text } = await ask(await signed(parts));
    expect([status, text]).toEqual([401, expect.stringMatching(says)]);
  });

  it('is borne with as far as clocks may be apart, and no further', async () => {
    expect((await ask(await signed({ from: 25 }))).status).toBe(200);
    expect((await ask(await signed({ from: -325, seconds: 300 }))).status).toBe(200);
    expect((await ask(await signed({ from: -335, seconds: 300 }))).status).toBe(401);
  });
});
