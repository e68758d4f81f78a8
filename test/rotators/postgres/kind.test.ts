import { describe, expect, it } from 'vitest';
import type { Credential } from '../../../lambdas/core/credential.ts';
import { postgresAuthorityKind, postgresKind } from '../../../lambdas/rotators/postgres/kind.ts';

const endpoint = { host: 'DB.example.com', port: 5432 };
const target = { endpoint, database: 'rag', slots: ['rag_a', 'rag_b'], ownerRole: 'rag_owner' };
const credentialWith = (values: Credential['target']): Credential => ({
  name: 'store',
  kind: 'postgres',
  family: 'postgres',
  strategy: 'two-slot',
  owner: 'platform',
  rotateEverySeconds: 604_800,
  boundTo: [],
  adopters: [],
  dependents: [],
  retire: { drainSeconds: 0, soakSeconds: 0, deadlineSeconds: 1, onDeadline: 'hold-and-page' },
  target: values,
});
const takes = (change: object): boolean => postgresKind.target.safeParse({ ...target, ...change }).success;
const takesEndpoint = (change: object): boolean => takes({ endpoint: { ...endpoint, ...change } });

describe('a role or a database', () => {
  it.each(['rag', '_rag', 'Rag-1', 'a', 'a'.repeat(63)])('may be called %s', (database) => {
    expect(takes({ database })).toBe(true);
  });

  it.each([
    ['cut off by PostgreSQL', 'a'.repeat(64)],
    ['reserved', 'pg_monitor'],
    ['a keyword that means everybody', 'public'],
    ['a keyword that means nobody', 'none'],
    ['empty', ''],
    ['a number first', '1rag'],
    ['able to leave its quotes', 'rag"; DROP ROLE x; --'],
    ['two lines', 'rag\nrag'],
    ['more bytes than characters', 'ä'.repeat(40)],
  ])('may not be %s', (_, database) => {
    expect(takes({ database })).toBe(false);
    expect(takes({ ownerRole: database })).toBe(false);
    expect(takes({ slots: ['rag_a', database] })).toBe(false);
  });

  it('has two different slots', () => {
    expect(takes({ slots: ['rag_a', 'rag_a'] })).toBe(false);
    expect(takes({ slots: ['rag_a'] })).toBe(false);
    expect(takes({ slots: ['rag_a', 'rag_b', 'rag_c'] })).toBe(false);
    // PostgreSQL keeps the case of a quoted name: these are two roles.
    expect(takes({ slots: ['rag_a', 'Rag_a'] })).toBe(true);
  });
});

describe('an endpoint', () => {
  it.each(['db.example.com', 'db', '10.0.0.1', '::1', 'fe80::1', 'my_host.internal'])(
    'may be at %s',
    (host) => {
      expect(takesEndpoint({ host })).toBe(true);
    },
  );

  it.each(['', 'https://db', 'db:5432', 'user@db', 'a b', '-db', '[::1]', '/var/run', 'a'.repeat(254)])(
    'may not be at %j',
    (host) => {
      expect(takesEndpoint({ host })).toBe(false);
    },
  );

  it('listens where PostgreSQL listens unless it says otherwise', () => {
    expect(postgresKind.target.parse({ ...target, endpoint: { host: 'db' } }).endpoint.port).toBe(5432);
    for (const port of [0, 65_536, 5432.5, '5432']) expect(takesEndpoint({ port })).toBe(false);
  });

  it('trusts certificates, and takes nothing else for one', () => {
    const one = '-----BEGIN CERTIFICATE-----\nTWFkZSB1cA==\n-----END CERTIFICATE-----\n';
    const key = '-----BEGIN PRIVATE KEY-----\nTWFkZSB1cA==\n-----END PRIVATE KEY-----\n';
    expect(takesEndpoint({ ca: one })).toBe(true);
    expect(takesEndpoint({ ca: `${one}\r\n${one}` })).toBe(true);
    expect(takesEndpoint({ ca: `# a comment\n${one}` })).toBe(true);
    for (const ca of ['', 'system', './ca.pem', key, one + key, key + one, one.repeat(500)])
      expect(takesEndpoint({ ca })).toBe(false);
  });
});

it('has no field in which a value could be kept', () => {
  expect(takes({ password: 'x' })).toBe(false);
  expect(takesEndpoint({ password: 'x' })).toBe(false);
});

it('changes both slots, as accounts of a server whatever the database', () => {
  expect(postgresKind.accounts(credentialWith(target))).toEqual([
    'postgres://db.example.com:5432/rag_a',
    'postgres://db.example.com:5432/rag_b',
  ]);
  expect(postgresKind.accounts(credentialWith({ ...target, database: 'other' }))).toEqual(
    postgresKind.accounts(credentialWith(target)),
  );
});

it("names the authority's login as one account of the same server", () => {
  const authority = credentialWith({ endpoint, role: 'lockstep_admin' });
  expect(postgresAuthorityKind.accounts(authority)).toEqual([
    'postgres://db.example.com:5432/lockstep_admin',
  ]);
  expect(postgresAuthorityKind.target.parse(authority.target).database).toBe('postgres');
});

it('reaches the server and nothing else', () => {
  expect(postgresKind.places(credentialWith(target))).toEqual([endpoint]);
  expect(postgresAuthorityKind.places(credentialWith({ endpoint, role: 'lockstep_admin' }))).toEqual([
    endpoint,
  ]);
});

it('overlaps two logins for its dependents, and none for itself', () => {
  expect(postgresKind).toMatchObject({
    strategy: 'two-slot',
    authorityKind: postgresAuthorityKind.name,
    fromAuthority: ['endpoint'],
    capabilities: { evidence: 'sessions', reversibleDisable: true, endsPredecessorAtInstall: false },
  });
  expect(postgresAuthorityKind).toMatchObject({
    strategy: 'in-place',
    isAuthority: true,
    capabilities: { reversibleDisable: false, endsPredecessorAtInstall: true },
  });
});
