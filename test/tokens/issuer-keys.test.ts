import { beforeEach, describe, expect, it } from 'vitest';
import { isLockstepError, type LockstepError } from '../../lambdas/core/errors.ts';
import type { VerifiedToken } from '../../lambdas/core/ports/token-verifier.ts';
import type { Secret } from '../../lambdas/core/secret.ts';
import { outboundGet, type OutboundDocument } from '../../lambdas/outbound/get.ts';
import { readKeys } from '../../lambdas/tokens/read-keys.ts';
import { tokenVerifier } from '../../lambdas/tokens/token-verifier.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { DOWN, TokenIssuer } from '../fakes/token-issuer.ts';

let clock: FakeClock;
let issuer: TokenIssuer;
let log: string[];
let verify: (token: Secret) => Promise<VerifiedToken>;

beforeEach(async () => {
  clock = new FakeClock();
  issuer = await TokenIssuer.named('github', clock.now);
  log = [];
  const verifier = tokenVerifier({
    read: (declared) => readKeys(issuer.get, declared),
    clock: clock.now,
    onRead: (name, failure) => log.push(`${name}: ${failure?.message ?? 'read'}`),
  });
  verify = (token) => verifier.verify(token, [issuer.declared]);
});

const outcome = async (token: Secret | Promise<Secret>): Promise<string> =>
  verify(await token).then(
    () => 'verified',
    (error: unknown) => {
      if (isLockstepError(error)) return error.code;
      throw error;
    },
  );

const failure = async (): Promise<LockstepError> => {
  const error = await verify(await issuer.token()).catch((found: unknown) => found);
  if (isLockstepError(error)) return error;
  throw new Error('the token was not refused');
};

describe('the keys of an issuer', () => {
  it('are read once for all who wait, and kept', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => issuer.token()));
    expect(new Set(await Promise.all(tokens.map(outcome)))).toEqual(new Set(['verified']));
    clock.jump(299);
    expect(await outcome(issuer.token())).toBe('verified');
    expect(issuer.keyReads).toBe(1);
    clock.jump(1);
    expect(await outcome(issuer.token())).toBe('verified');
    expect(issuer.keyReads).toBe(2);
  });

  it('are read again at once for a key that the issuer begins to use', async () => {
    await outcome(issuer.token());
    clock.jump(30);
    await issuer.use('github-2');
    expect(await outcome(issuer.token())).toBe('verified');
    expect(issuer.keyReads).toBe(2);
  });

  it('are read again for made-up keys once in half a minute, however many come', async () => {
    await outcome(issuer.token());
    for (let second = 0; second < 120; second += 1) {
      clock.jump(1);
      expect(await outcome(issuer.token({ header: { kid: `made-up-${second}` } }))).toBe('UNAUTHENTICATED');
    }
    expect(issuer.keyReads).toBe(5);
  });

  it('let nobody in any more by a key that the issuer took back, as soon as they are read again', async () => {
    const before = await issuer.token();
    expect(await outcome(before)).toBe('verified');
    await issuer.use('github-2');
    issuer.withdraw('github-1');
    clock.jump(300);
    expect(
      await outcome(issuer.token({ key: issuer.privateKey('github-1'), header: { kid: 'github-1' } })),
    ).toBe('UNAUTHENTICATED');
  });
});

describe('an issuer that cannot be reached', () => {
  it('lets nobody in, and is asked again after a few seconds', async () => {
    issuer.instead = () => DOWN;
    expect(await failure()).toMatchObject({ code: 'ISSUER_UNREACHABLE', retryAfterSeconds: 5 });
    for (let attempt = 0; attempt < 50; attempt += 1) await outcome(issuer.token());
    expect(issuer.reads).toHaveLength(1);
    issuer.instead = undefined;
    clock.jump(5);
    expect(await outcome(issuer.token())).toBe('verified');
  });

  it('is still trusted for the keys of a quarter of an hour, and no longer', async () => {
    await outcome(issuer.token());
    issuer.instead = () => DOWN;
    clock.jump(899);
    expect(await outcome(issuer.token())).toBe('verified');
    clock.jump(1);
    expect(await outcome(issuer.token())).toBe('ISSUER_UNREACHABLE');
  });

  it('is no reason to let in a key that nobody knows', async () => {
    await outcome(issuer.token());
    issuer.instead = () => DOWN;
    clock.jump(60);
    expect(await outcome(issuer.token({ header: { kid: 'made-up' } }))).toBe('UNAUTHENTICATED');
  });

  it('is asked again although the clock was put back', async () => {
    issuer.instead = () => DOWN;
    await outcome(issuer.token());
    issuer.instead = undefined;
    clock.jump(-86_400);
    expect(await outcome(issuer.token())).toBe('verified');
  });

  it('is not trusted for the keys of a time that has not come: the clock was put back', async () => {
    await outcome(issuer.token());
    clock.jump(-86_400);
    issuer.instead = () => DOWN;
    expect(await outcome(issuer.token())).toBe('ISSUER_UNREACHABLE');
  });

  it('is written down for whoever runs this, and told to the asker as no more than that', async () => {
    issuer.instead = () => DOWN;
    expect((await failure()).message).not.toContain('github');
    expect(log).toEqual(['github: the keys of issuer github could not be read: connect']);
  });
});

const answered = (body: unknown, status = 200): OutboundDocument => ({
  outcome: 'answered',
  status,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const discovered = (document: unknown) => (url: string) =>
  url.endsWith('openid-configuration') ? answered(document) : undefined;
const published = (document: unknown, status?: number) => (url: string) =>
  url.endsWith('/keys') ? answered(document, status) : undefined;
const KEYS = 'https://github.example/keys';

describe('what an issuer publishes', () => {
  it.each([
    [
      'a discovery document about another issuer',
      discovered({ issuer: 'https://evil.example', jwks_uri: KEYS }),
    ],
    ['one about it with another slash', discovered({ issuer: 'https://github.example/', jwks_uri: KEYS })],
    ['one without an issuer', discovered({ jwks_uri: KEYS })],
    ['one without keys', discovered({ issuer: 'https://github.example' })],
    ['one that is no JSON', discovered('<html>')],
    ['keys that are no list', published({ keys: { '0': {} } })],
    ['no keys', published({})],
    ['more keys than anybody has', published({ keys: Array.from({ length: 101 }, () => ({ kty: 'EC' })) })],
    ['keys with a redirect', published({ keys: [] }, 302)],
    ['keys with an error', published({ keys: [] }, 500)],
  ])('lets nobody in: %s', async (_what, instead) => {
    issuer.instead = instead;
    expect(await outcome(issuer.token())).toBe('ISSUER_UNREACHABLE');
  });

  it.each([
    ['a shared secret', { kty: 'oct', k: 'c2VjcmV0', kid: 'github-1', alg: 'ES256' }],
    ['half of a key', { kty: 'EC', crv: 'P-256', x: 'AA', kid: 'github-1', alg: 'ES256' }],
    ['a private key', { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', d: 'AA', kid: 'github-1', alg: 'ES256' }],
  ])('lets nobody in by %s', async (_what, jwk) => {
    issuer.instead = published({ keys: [jwk] });
    expect(await outcome(issuer.token())).toBe('UNAUTHENTICATED');
  });

  it('is not looked for where the inventory says where the keys are', async () => {
    const verifier = tokenVerifier({ read: (declared) => readKeys(issuer.get, declared), clock: clock.now });
    await verifier.verify(await issuer.token(), [{ ...issuer.declared, jwksUrl: KEYS }]);
    expect(issuer.reads).toEqual(['/keys']);
  });

  it('is found below a path, whose last slash does not count', async () => {
    const below = await TokenIssuer.named('entra', clock.now, { issuer: 'https://entra.example/tenant/' });
    below.instead = () => DOWN;
    await readKeys(below.get, below.declared).catch(() => undefined);
    expect(below.reads).toEqual(['/tenant/.well-known/openid-configuration']);
  });
});

describe('an issuer that would have us look inside', () => {
  const inside = async (jwksUri: string, own = 'https://93.184.215.14'): Promise<string> => {
    const asked: string[] = [];
    const get = outboundGet({ resolve: () => Promise.resolve([{ address: '10.0.0.8', family: 4 }]) });
    await readKeys(
      (place) => {
        asked.push(place.url);
        return place.url.includes('well-known')
          ? Promise.resolve(answered({ issuer: own, jwks_uri: jwksUri }))
          : get(place);
      },
      { ...issuer.declared, issuer: own },
    ).catch((error: unknown) => log.push((error as LockstepError).message));
    expect(asked[1]).toBe(jwksUri);
    return log.at(-1) ?? '';
  };

  it.each([
    'http://169.254.169.254/latest/meta-data/iam/security-credentials/',
    'https://169.254.169.254/',
    'https://keys.inside.example/',
    'http://127.0.0.1:8200/v1/secret',
    'file:///etc/passwd',
  ])('does not get us to %s', async (url) => {
    expect(await inside(url)).toMatch(/could not be read: its address/);
  });
});
