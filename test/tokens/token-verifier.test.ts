import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { CompactEncrypt, exportJWK, UnsecuredJWT } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { MAX_TOKEN_LENGTH } from '../../lambdas/contracts/access-wire.ts';
import type { Issuer } from '../../lambdas/core/access/access-inventory.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { VerifiedToken } from '../../lambdas/core/ports/token-verifier.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { readKeys } from '../../lambdas/tokens/read-keys.ts';
import { tokenVerifier } from '../../lambdas/tokens/token-verifier.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { networkOf, TokenIssuer, type TokenParts } from '../fakes/token-issuer.ts';

const clock = new FakeClock();
let github: TokenIssuer;
let okta: TokenIssuer;
let declared: Issuer[];
let verify: (token: Secret) => Promise<VerifiedToken>;

beforeEach(async () => {
  github = await TokenIssuer.named('github', clock.now);
  okta = await TokenIssuer.named('okta', clock.now);
  declared = [github.declared, okta.declared];
  const network = networkOf(github, okta);
  const verifier = tokenVerifier({ read: (issuer) => readKeys(network, issuer), clock: clock.now });
  verify = (token) => verifier.verify(token, declared);
});

async function refusal(token: Secret): Promise<LockstepError> {
  const answer = await verify(token).catch((error: unknown) => error);
  if (answer instanceof LockstepError) return answer;
  throw new Error('the token was not refused', { cause: answer });
}

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const partsOf = (token: Secret): readonly string[] => token.reveal().split('.');

describe('a token that is as it should be', () => {
  it('proves its issuer, its subject and its claims', async () => {
    const token = await github.token({ claims: { repository: 'acme/app' } });
    const { issuer, subject, claims, issuedAt, expiresAt } = await verify(token);
    expect({ issuer: issuer.name, subject, repository: claims['repository'] }).toEqual({
      issuer: 'github',
      subject: 'repo:acme/app',
      repository: 'acme/app',
    });
    expect(Date.parse(expiresAt) - Date.parse(issuedAt)).toBe(300_000);
  });

  it.each<[string, TokenParts]>([
    ['its audience in a list of one', { audience: ['lockstep'] }],
    ['the type of an access token', { header: { typ: 'at+jwt' } }],
    ['no type', { header: { typ: undefined } }],
    ['a clock a little ahead of ours', { issuedSecondsAgo: -25 }],
    ['an end that a clock a little behind ours has not seen', { issuedSecondsAgo: 320 }],
    ['a key that is told by nothing else, since there is one only', { header: { kid: undefined } }],
  ])('is taken with %s', async (_what, parts) => {
    await expect(verify(await github.token(parts))).resolves.toMatchObject({ subject: 'repo:acme/app' });
  });

  it('is known again by its id, which follows from jti and issuer', async () => {
    const ids = await Promise.all([
      github.token({ claims: { jti: 'one' } }).then(verify),
      github.token({ claims: { jti: 'one' }, lifeSeconds: 60 }).then(verify),
      okta.token({ claims: { jti: 'one' } }).then(verify),
    ]).then((tokens) => tokens.map(({ id }) => id));
    expect(ids[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });
});

/** What is refused in one wording, so that trying teaches nothing. */
const FORGED: readonly (readonly [string, TokenParts | (() => Promise<Secret>)])[] = [
  ['another audience', { audience: 'somebody-else' }],
  ['ours and another audience', { audience: ['lockstep', 'somebody-else'] }],
  ['no audience', { leaveOut: ['aud'] }],
  ['an issuer that nobody declared', { issuer: 'https://github.example.evil' }],
  ['an issuer with one more slash', { issuer: 'https://github.example/' }],
  ['no issuer', { leaveOut: ['iss'] }],
  ['no subject', { leaveOut: ['sub'] }],
  ['an empty subject', { subject: '' }],
  ['a subject that would break a line', { subject: 'repo:acme/app\nrole:admin' }],
  ['a subject without end', { subject: 'x'.repeat(513) }],
  ['a subject that is no text', { claims: { sub: { is: 'admin' } } }],
  ['no beginning', { leaveOut: ['iat'] }],
  ['a beginning that is no number', { claims: { iat: 'now' } }],
  ['no end', { leaveOut: ['exp'] }],
  ['an end that is no number', { claims: { exp: '9999999999' } }],
  ['a key that its issuer does not publish', { header: { kid: 'made-up' } }],
  ['a kid that is a path', { header: { kid: '../../../../dev/null' } }],
  ['a kid that is no text', { header: { kid: 7 } }],
  ['an extension that has to be understood', { header: { crit: ['exp'], exp: 1 } }],
  ['a payload that is not encoded', { header: { crit: ['b64'], b64: true } }],
  ['another token inside', { header: { cty: 'JWT' } }],
  ['the type of a proof of possession', { header: { typ: 'lockstep-workload+jwt' } }],
  ['the type of a logout token', { header: { typ: 'logout+jwt' } }],
  ['the key of another declared issuer', () => github.token({ key: okta.privateKey() })],
  [
    'the key of another declared issuer, and its kid',
    () => github.token({ key: okta.privateKey(), header: { kid: 'okta-1' } }),
  ],
  ['the name of another declared issuer', () => github.token({ issuer: okta.declared.issuer })],
  [
    'a key of its own, which it brings along',
    async () => {
      const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const jwk = { ...(await exportJWK(own.publicKey)), kid: 'own', alg: 'ES256' };
      return github.token({ key: own.privateKey, header: { jwk, kid: 'own' } });
    },
  ],
  [
    'a place where its keys are',
    async () => {
      const own = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
      return github.token({
        key: own,
        header: { jku: 'https://okta.example/keys', x5u: 'https://okta.example/keys' },
      });
    },
  ],
  ['no signature, and alg none', async () => new Secret(new UnsecuredJWT(await claimsOf(github)).encode())],
  [
    'no signature, and alg ES256',
    async () => {
      const [header, payload] = partsOf(await github.token());
      return new Secret(`${header}.${payload}.`);
    },
  ],
  ['the public key as a shared secret (PEM)', () => confused('spki')],
  ['the public key as a shared secret (JWK)', () => confused('jwk')],
  [
    'claims that were changed',
    async () => {
      const [header, , signature] = partsOf(await github.token());
      return new Secret(
        `${header}.${base64url(await claimsOf(github, { sub: 'repo:acme/other' }))}.${signature}`,
      );
    },
  ],
  [
    'an algorithm that its issuer is not listed with',
    async () => {
      const { privateKey } = generateKeyPairSync('ed25519');
      return github.token({ algorithm: 'EdDSA', key: privateKey });
    },
  ],
  [
    'five parts: encrypted, by whomever',
    async () => {
      const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const inner = (await github.token()).reveal();
      return new Secret(
        await new CompactEncrypt(Buffer.from(inner))
          .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', cty: 'JWT' })
          .encrypt(publicKey),
      );
    },
  ],
  ['more than a token has', () => github.token({ claims: { more: 'x'.repeat(MAX_TOKEN_LENGTH) } })],
  ['text around it', async () => new Secret(` ${(await github.token()).reveal()}`)],
  ['a second token behind it', async () => new Secret(`${(await github.token()).reveal()},x.y.z`)],
  ['nothing', async () => new Secret('')],
  ['no JSON', async () => new Secret('e30.bm90IGpzb24.c2ln')],
  ['JSON that is no object', async () => new Secret(`${base64url([])}.${base64url(null)}.c2ln`)],
];

async function claimsOf(issuer: TokenIssuer, more: object = {}): Promise<Record<string, unknown>> {
  const payload = Buffer.from(partsOf(await issuer.token())[1] ?? '', 'base64url').toString();
  return { ...(JSON.parse(payload) as Record<string, unknown>), ...more };
}

/** Algorithm confusion: what is public becomes the secret of an HMAC (RFC 8725 §2.1). */
async function confused(form: 'spki' | 'jwk'): Promise<Secret> {
  const key = createPublicKey(github.privateKey());
  const secret =
    form === 'spki' ? key.export({ format: 'pem', type: 'spki' }) : JSON.stringify(await exportJWK(key));
  const signed = `${base64url({ alg: 'HS256', kid: 'github-1' })}.${base64url(await claimsOf(github))}`;
  return new Secret(`${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`);
}

describe('a token that proves nobody', () => {
  it.each(FORGED)('is refused, as every other, with %s', async (_what, forged) => {
    const token = typeof forged === 'function' ? await forged() : await github.token(forged);
    const { code, message } = await refusal(token);
    expect(code).toBe('UNAUTHENTICATED');
    expect(message).toMatch(/^the token proves nobody here/);
  });

  it('is refused with a listed algorithm that is not asymmetric, however it came into the inventory', async () => {
    declared = [{ ...github.declared, algorithms: ['none', 'HS256', 'ES256'] }];
    const unsigned = `${base64url({ alg: 'none' })}.${base64url(await claimsOf(github))}.c2ln`;
    for (const token of [await confused('spki'), await confused('jwk'), new Secret(unsigned)])
      expect((await refusal(token)).code).toBe('UNAUTHENTICATED');
    expect(github.reads).toEqual([]);
    await expect(verify(await github.token())).resolves.toBeDefined();
  });

  it('is refused where two entries of the inventory could be meant', async () => {
    declared = [github.declared, { ...github.declared, name: 'again', use: 'acting-for' }];
    expect((await refusal(await github.token())).code).toBe('UNAUTHENTICATED');
  });

  it('is refused with a weak key, published or not', async () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const jwk = { ...(await exportJWK(weak.publicKey)), kid: 'weak', alg: 'RS256', use: 'sig' };
    github.instead = (url) =>
      url.endsWith('/keys')
        ? { outcome: 'answered', status: 200, body: JSON.stringify({ keys: [jwk] }) }
        : undefined;
    const token = await github
      .token({ algorithm: 'RS256', key: weak.privateKey, header: { kid: 'weak' } })
      .catch(() => signedByHand(weak.privateKey));
    expect((await refusal(token)).code).toBe('UNAUTHENTICATED');
  });

  it('is refused with a key that is published for something else', async () => {
    await github.publish('github-1', { use: 'enc' });
    expect((await refusal(await github.token())).code).toBe('UNAUTHENTICATED');
  });
});

describe('what a token costs', () => {
  it('is no request to where it says that its key is', async () => {
    const before = okta.reads.length;
    await refusal(
      await github.token({
        header: { jku: 'https://okta.example/keys', kid: 'okta-1' },
        key: okta.privateKey(),
      }),
    );
    expect(okta.reads.length).toBe(before);
  });

  it('is no request to anybody, where nobody here could accept it', async () => {
    await refusal(await github.token({ audience: 'somebody-else' }));
    await refusal(await github.token({ header: { typ: 'logout+jwt' } }));
    await refusal(await confused('spki'));
    expect(github.reads).toEqual([]);
  });

  it('is no other token for being spelled otherwise', async () => {
    const token = await github.token({ leaveOut: ['jti'] });
    const spelled = respelled(token);
    expect(spelled.reveal()).not.toBe(token.reveal());
    const { id } = await verify(token);
    expect((await verify(token)).id).toBe(id);
    expect((await verify(await github.token({ leaveOut: ['jti'], subject: 'another' }))).id).not.toBe(id);
    expect(
      await verify(spelled).then(
        (again) => again.id,
        () => id,
      ),
    ).toBe(id);
  });
});

/** Base64 leaves bits of the last character without a meaning: another character, and the same bytes. */
function respelled(token: Secret): Secret {
  const text = token.reveal();
  const bytes = Buffer.from(text.slice(text.lastIndexOf('.') + 1), 'base64url');
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const other = alphabet
    .split('')
    .map((letter) => text.slice(0, -1) + letter)
    .find(
      (each) =>
        each !== text && Buffer.from(each.slice(each.lastIndexOf('.') + 1), 'base64url').equals(bytes),
    );
  return new Secret(other ?? text);
}

async function signedByHand(key: ReturnType<typeof generateKeyPairSync>['privateKey']): Promise<Secret> {
  const { sign } = await import('node:crypto');
  const signed = `${base64url({ alg: 'RS256', kid: 'weak' })}.${base64url(await claimsOf(github))}`;
  return new Secret(`${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`);
}

describe('the times of a token', () => {
  it.each<[string, TokenParts, RegExp]>([
    ['is over', { issuedSecondsAgo: 400 }, /has expired/],
    ['has not begun', { claims: { nbf: 4_000_000_000 } }, /not valid yet/],
    ['was issued in the future', { issuedSecondsAgo: -60 }, /issued in the future/],
    ['is valid for longer than its issuer may', { lifeSeconds: 3601 }, /longer than the 3600 s/],
  ])('are told to whoever its issuer gave it: it %s', async (_what, parts, message) => {
    const found = await refusal(await github.token(parts));
    expect(found).toMatchObject({
      code: 'UNAUTHENTICATED',
      message: expect.stringMatching(message) as string,
    });
  });

  it('are not told of a token that nobody signed', async () => {
    expect(
      (await refusal(await github.token({ issuedSecondsAgo: 400, key: okta.privateKey() }))).message,
    ).toMatch(/proves nobody/);
  });

  it('are compared with a skew that no inventory makes longer than two minutes', async () => {
    declared = [{ ...github.declared, clockSkewSeconds: 86_400 }];
    await expect(verify(await github.token({ issuedSecondsAgo: 300 + 119 }))).resolves.toBeDefined();
    expect((await refusal(await github.token({ issuedSecondsAgo: 300 + 121 }))).message).toMatch(/expired/);
    expect((await refusal(await github.token({ issuedSecondsAgo: -121 }))).message).toMatch(/future/);
  });
});

describe('a secret in a token', () => {
  it('is in no refusal', async () => {
    const token = await github.token({ claims: { note: 'canary-in-a-claim' }, issuedSecondsAgo: 4000 });
    const { message, cause } = await refusal(token);
    expect(`${message} ${String(cause)}`).not.toMatch(/canary|eyJ/);
  });
});
