import { describe, expect, it } from 'vitest';
import { LEASER_KINDS, leaserKind } from '../../lambdas/contracts/kinds.ts';
import { leasableOf, leaseAuthorityOf } from '../leasers/a-leasable.ts';

type Target = Readonly<Record<string, unknown>>;

/** A kind, two targets, two servers where they differ, and whether the first gives all that the second does. */
interface Pair {
  readonly one: Target;
  readonly other: Target;
  readonly at?: Target;
  readonly otherAt?: Target;
}

const includes = (kind: string, { one, other, at, otherAt = at }: Pair): boolean => {
  const given = (target: Target, server: Target | undefined) => ({
    leasable: leasableOf(kind, target),
    authority: server && leaseAuthorityOf(kind, server),
  });
  return leaserKind(kind)?.includes(given(one, at), given(other, otherAt)) ?? expect.fail(kind);
};

const roles = (...names: readonly string[]): Target => ({
  database: 'rag',
  ownerRole: names[0],
  grants: names.map((role) => ({ role })),
});
const postgresAt = (host: string): Target => ({ endpoint: { host }, role: 'leases', roles: ['a', 'b'] });
const mysqlAt = (host: string): Target => ({ endpoint: { host }, user: 'leases', roles: ['a', 'b'] });
const users = (...names: readonly string[]): Target => ({ database: 'shop', roles: names });
const redisAt = (host: string): Target => ({ endpoint: { host }, user: 'leases' });
const openaiAt: Target = {};
const key = (project: string, scopes?: readonly string[]): Target => ({
  project: `proj_${project}`,
  ...(scopes ? { scopes } : {}),
});
const ROLE = 'arn:aws:iam::111111111111:role/data';
const session = (actions: readonly string[], resources: readonly string[], more: Target = {}): Target => ({
  role: ROLE,
  allow: [{ actions, resources, ...more }],
});
const githubAt: Target = { clientId: 'Iv1.abc' };
const token = (repositories: readonly string[], permissions: Target, account = 'example'): Target => ({
  installation: 1,
  account,
  access: [{ repositories, permissions }],
});
const exchange = (scopes: readonly string[], serviceAccount = 'a@p.iam.gserviceaccount.com'): Target => ({
  issuer: 'https://issuer.example.com',
  audience: 'google',
  exchange: {
    service: 'google',
    provider:
      '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/provider',
    scopes,
    serviceAccount,
  },
});

const db = postgresAt('db.example.com');
const YES: readonly (readonly [kind: string, why: string, pair: Pair])[] = [
  ['postgres', 'the same role', { one: roles('a'), other: roles('a'), at: db }],
  ['postgres', 'more roles', { one: roles('a', 'b'), other: roles('b'), at: db }],
  [
    'postgres',
    'another database and authority of one server',
    {
      one: { ...roles('a'), database: 'other' },
      other: roles('a'),
      at: db,
      otherAt: { ...postgresAt('DB.example.com'), role: 'other_leases' },
    },
  ],
  ['mysql', 'more roles', { one: users('a', 'b'), other: users('b'), at: mysqlAt('m.example.com') }],
  [
    'redis',
    'a wider glob and the whole command',
    {
      one: { keys: [{ pattern: 'app:*' }], channels: ['*'], commands: ['get', 'xinfo', 'set'] },
      other: {
        keys: [{ pattern: 'app:cart:*', access: 'read' }],
        channels: ['news'],
        commands: ['get', 'xinfo|stream'],
      },
      at: redisAt('r.example.com'),
    },
  ],
  ['openai', 'the same project', { one: key('a'), other: key('a'), at: openaiAt }],
  [
    'openai',
    'no scopes, which is all',
    { one: key('a'), other: key('a', ['api.model.request']), at: openaiAt },
  ],
  [
    'aws-session',
    'the same',
    { one: session(['s3:GetObject'], ['*']), other: session(['s3:GetObject'], ['*']) },
  ],
  [
    'aws-session',
    'wider actions and resources, without the condition',
    {
      one: session(['s3:*'], ['arn:aws:s3:::documents/*']),
      other: session(['s3:getObject'], ['arn:aws:s3:::documents/secret/*'], {
        when: { StringEquals: { 'aws:SourceVpce': ['vpce-1'] } },
      }),
    },
  ],
  [
    'github-app',
    'more repositories and a higher level',
    {
      one: token(['app', 'docs'], { contents: 'write', issues: 'read' }, 'Example'),
      other: token(['APP'], { contents: 'read' }),
      at: githubAt,
    },
  ],
  ['federated', 'more scopes as one identity', { one: exchange(['b', 'a']), other: exchange(['a']) }],
];

const NO: readonly (readonly [kind: string, why: string, pair: Pair])[] = [
  ['postgres', 'fewer roles', { one: roles('a'), other: roles('a', 'b'), at: db }],
  [
    'postgres',
    'the same name at another server',
    { one: roles('a'), other: roles('a'), at: db, otherAt: postgresAt('db2.example.com') },
  ],
  ['postgres', 'a server that nobody knows', { one: roles('a'), other: roles('a') }],
  ['mysql', 'another role', { one: users('a'), other: users('b'), at: mysqlAt('m.example.com') }],
  [
    'mysql',
    'another server',
    { one: users('a'), other: users('a'), at: mysqlAt('m.example.com'), otherAt: mysqlAt('n.example.com') },
  ],
  ...(
    [
      ['reading is not writing', { commands: ['get'], keys: [{ pattern: 'a*', access: 'read' }] }],
      ['a narrower glob', { commands: ['get'], keys: [{ pattern: 'a' }] }],
      ['a glob of which nothing is said', { commands: ['get'], keys: [{ pattern: 'a?' }] }],
      ['another command', { commands: ['set'], keys: [{ pattern: 'a*' }] }],
      ['an exception', { commands: ['get'], keys: [{ pattern: 'a*' }], except: ['get'] }],
    ] as const
  ).map(
    ([why, one]) =>
      [
        'redis',
        why,
        {
          one,
          other: { commands: ['get'], keys: [{ pattern: 'a*' }] },
          at: redisAt('r.example.com'),
        },
      ] as const,
  ),
  [
    'redis',
    'another channel',
    {
      one: { commands: ['get'], channels: ['x'] },
      other: { commands: ['get'], channels: ['y'] },
      at: redisAt('r.example.com'),
    },
  ],
  ['openai', 'another project', { one: key('a'), other: key('b'), at: openaiAt }],
  ['openai', 'scopes beside all', { one: key('a', ['x.y']), other: key('a'), at: openaiAt }],
  ['openai', 'other scopes', { one: key('a', ['x.y']), other: key('a', ['x.z']), at: openaiAt }],
  [
    'openai',
    'another provider',
    { one: key('a'), other: key('a'), at: openaiAt, otherAt: { apiUrl: 'https://eu.api.openai.com/v1' } },
  ],
  [
    'aws-session',
    'fewer actions',
    { one: session(['s3:GetObject'], ['*']), other: session(['s3:GetObject', 's3:PutObject'], ['*']) },
  ],
  [
    'aws-session',
    'narrower resources',
    {
      one: session(['s3:*'], ['arn:aws:s3:::documents/public/*']),
      other: session(['s3:*'], ['arn:aws:s3:::documents/*']),
    },
  ],
  [
    'aws-session',
    'a condition that the other has not',
    {
      one: session(['s3:*'], ['*'], { when: { StringEquals: { 'aws:SourceVpce': ['vpce-1'] } } }),
      other: session(['s3:*'], ['*']),
    },
  ],
  [
    'aws-session',
    'another role',
    { one: session(['s3:*'], ['*']), other: { ...session(['s3:*'], ['*']), role: `${ROLE}-other` } },
  ],
  [
    'github-app',
    'a lower level',
    { one: token(['app'], { contents: 'read' }), other: token(['app'], { contents: 'write' }), at: githubAt },
  ],
  [
    'github-app',
    'fewer repositories',
    {
      one: token(['app'], { contents: 'read' }),
      other: token(['app', 'docs'], { contents: 'read' }),
      at: githubAt,
    },
  ],
  [
    'github-app',
    'another account',
    {
      one: token(['app'], { contents: 'read' }, 'someone'),
      other: token(['app'], { contents: 'read' }),
      at: githubAt,
    },
  ],
  [
    'federated',
    'another identity',
    { one: exchange(['a']), other: exchange(['a'], 'b@p.iam.gserviceaccount.com') },
  ],
  ['federated', 'fewer scopes', { one: exchange(['a']), other: exchange(['a', 'b']) }],
];

describe('whether a lease gives everything that another gives', () => {
  it.each(YES)('%s: yes, by %s', (kind, _, pair) => {
    expect(includes(kind, pair)).toBe(true);
  });

  it.each(NO)('%s: no, for %s', (kind, _, pair) => {
    expect(includes(kind, pair)).toBe(false);
  });

  it('is asked of every kind, both ways', () => {
    const names = LEASER_KINDS.map(({ name }) => name).toSorted();
    expect([...new Set(YES.map(([kind]) => kind))].toSorted()).toEqual(names);
    expect([...new Set(NO.map(([kind]) => kind))].toSorted()).toEqual(names);
  });
});
