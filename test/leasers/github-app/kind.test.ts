import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../lambdas/core/secret.ts';
import { githubAppKind } from '../../../lambdas/leasers/github-app/kind.ts';
import { githubAppLeaseSupply } from '../../../lambdas/leasers/github-app/supply.ts';
import { privateKeyIn } from '../../../lambdas/leasers/github-app/value.ts';
import { leaseAuthorityOf } from '../a-leasable.ts';
import { anInstallation, PRIVATE_KEY, READ } from './a-world.ts';

const takes = (target: Readonly<Record<string, unknown>>): boolean =>
  githubAppKind.target.safeParse({ installation: 7, account: 'acme', access: [READ], ...target }).success;

describe('what is declared of an installation', () => {
  it.each([
    { account: 'some-one_corp' },
    { access: [READ, { ...READ, purposes: ['a', 'b'] }] },
    {
      access: [
        {
          repositories: ['.github', 'a.b_c-d'],
          permissions: { pull_requests: 'write', administration: 'read' },
        },
      ],
    },
  ])('is taken: %j', (target) => {
    expect(takes(target)).toBe(true);
  });

  it.each([
    { installation: 0 },
    { installation: '7' },
    { account: undefined },
    { account: 'acme/docs' },
    { account: '-acme' },
    { access: [] },
    { access: [READ, READ] },
    {
      access: [
        { ...READ, purposes: ['a'] },
        { ...READ, purposes: ['a', 'b'] },
      ],
    },
    { access: [{ ...READ, repositories: [] }] },
    { access: [{ ...READ, repositories: ['acme/docs'] }] },
    { access: [{ ...READ, repositories: ['..'] }] },
    { access: [{ ...READ, permissions: {} }] },
    { access: [{ ...READ, permissions: { contents: 'all' } }] },
    { access: [{ ...READ, permissions: { 'contents ': 'read' } }] },
    { access: [{ ...READ, purposes: [] }] },
    { token: 'x' },
  ])('is refused: %j', (target) => {
    expect(takes(target)).toBe(false);
  });

  it.each([
    ['administration', 'write'],
    ['members', 'write'],
    ['repository_hooks', 'admin'],
    ['organization_self_hosted_runners', 'write'],
  ])('%s: %s is refused: it lets somebody in for longer than a lease', (name, level) => {
    expect(takes({ access: [{ ...READ, permissions: { [name]: level } }] })).toBe(false);
  });
});

it('its place is that of the API of its App, and its account the App', () => {
  const authority = leaseAuthorityOf('github-app', {
    apiUrl: 'https://github.acme.test/api/v3',
    clientId: 'Iv1.abc',
  });
  expect(githubAppKind.places(anInstallation(), authority)).toEqual([
    { host: 'github.acme.test', port: 443 },
  ]);
  expect(githubAppKind.places(anInstallation(), undefined)).toEqual([]);
  expect(githubAppKind.authority.accounts(authority)).toEqual([
    'https://github.acme.test/api/v3/app/Iv1.abc',
  ]);
});

describe('a private key that is supplied', () => {
  const authority = leaseAuthorityOf('github-app', {});
  const supply = githubAppLeaseSupply;
  const read = (text: string): Secret => {
    if (supply.how !== 'pasted') throw new TypeError('a key of an App is pasted');
    return supply.read(authority, new Secret(text));
  };
  const pem = (type: 'pkcs1' | 'pkcs8'): string => PRIVATE_KEY.export({ type, format: 'pem' }).toString();

  it.each(['pkcs1', 'pkcs8'] as const)('is taken as %s, and kept in one form', (type) => {
    const value = read(`\n${pem(type)}\n`);
    expect(Object.keys(JSON.parse(value.reveal()) as object)).toEqual(['privateKey']);
    expect(privateKeyIn(value).equals(PRIVATE_KEY)).toBe(true);
    expect(value.equals(read(pem('pkcs8')))).toBe(true);
  });

  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  it.each([
    ['nothing', ''],
    ['a text', 'canary'],
    ['the half of it', pem('pkcs8').slice(0, 400)],
    ['the public half', createPublic(pem('pkcs8'))],
    ['a key of another kind', other.export({ type: 'pkcs8', format: 'pem' }).toString()],
    ['a key that is too short', short.export({ type: 'pkcs8', format: 'pem' }).toString()],
    [
      'a key under a passphrase',
      PRIVATE_KEY.export({
        type: 'pkcs8',
        format: 'pem',
        cipher: 'aes-256-cbc',
        passphrase: 'canary',
      }).toString(),
    ],
  ])('is refused, without a word of it: %s', (_what, text) => {
    const refused = (): Secret => read(text);
    expect(refused).toThrow(/what was given for lease-admin is no RSA private key/);
    expect(refused).not.toThrow(/canary|MII/);
  });
});

/** The public half of a key, in PEM. */
function createPublic(pem: string): string {
  const { n, e } = createPrivateKey(pem).export({ format: 'jwk' });
  return `-----BEGIN PUBLIC KEY-----\n${String(n)}${String(e)}\n-----END PUBLIC KEY-----`;
}
