import { aBucket, both } from './an-access-workspace.ts';

const GET = { actions: ['s3:GetObject'], resources: ['*'] };
/** A lease of a token of another service, for tokens of this issuer and audience. */
export const anExchange = (issuer: string, audience: string) => ({
  kind: 'federated',
  owner: 'platform',
  issuer,
  audience,
  exchange: { service: 'openai', identityProvider: 'idp', serviceAccount: 'sa' },
  purposes: ['repair'],
});
/** An authority for leases of a database, and such a lease, which leaves what it owned to this role. */
const leavingTo = (ownerRole: string) => ({
  'leaseAuthorities.db-leases': {
    kind: 'postgres',
    owner: 'platform',
    endpoint: { staging: { host: 'docs.staging.example.com' }, production: { host: 'docs.example.com' } },
    role: 'lease_admin',
    roles: ['docs_reader', 'docs_writer', 'docs_owner'],
    adopters: { staging: [adminOf('111111111111')], production: [adminOf('222222222222')] },
  },
  'leases.docs': {
    kind: 'postgres',
    owner: 'platform',
    authority: 'db-leases',
    database: 'docs',
    grants: [{ role: 'docs_reader' }, { role: 'docs_writer' }],
    ownerRole,
    purposes: ['answer'],
  },
});
const adminOf = (account: string) => `arn:aws:iam::${account}:role/admin`;

/** What is changed of leases, and the one problem that comes of it. */
export const LEASE_PROBLEMS = [
  // leases
  {
    of: 'what a lease leaves behind for a role that may do more than it could',
    change: leavingTo('docs_owner'),
    problem: {
      path: 'leases.docs.ownerRole',
      found: 'the role "docs_owner", whose rights the lease does not get',
      allowed: 'a role of grants: docs_reader, docs_writer',
    },
  },
  {
    of: 'a kind that nobody implements',
    change: { 'leases.model-session.kind': 'opemai' },
    problem: { path: 'leases.model-session.kind', found: '"opemai"' },
  },
  {
    of: 'an authority that is not declared',
    change: { 'leases.model-session.authority': 'model-admin' },
    problem: {
      path: 'leases.model-session.authority',
      found: 'the lease authority "model-admin", which is not declared',
      allowed: 'model-leases',
    },
  },
  {
    of: 'an authority of another kind',
    change: {
      'leaseAuthorities.model-leases': {
        kind: 'github-app',
        owner: 'platform',
        clientId: { staging: 'Iv1.abc', production: 'Iv1.def' },
        adopters: [adminOf('111111111111')],
      },
    },
    problem: {
      path: 'leases.model-session.authority',
      found: '"model-leases", a lease authority of kind github-app',
    },
  },
  {
    of: 'an authority of a kind that needs none',
    change: { 'leaseAuthorities.buckets': { kind: 'aws-session', owner: 'platform' } },
    problem: {
      path: 'leaseAuthorities.buckets.kind',
      found: 'a lease authority of kind aws-session, whose leases need none that is stored',
    },
  },
  {
    of: 'a lease that stands for nothing',
    change: { 'leases.model-session.standsFor': 'modell' },
    problem: {
      path: 'leases.model-session.standsFor',
      mend: 'did you mean model? Otherwise declare it in credentials',
    },
  },
  {
    of: 'a purpose that is not declared',
    change: { 'leases.model-session.purposes': ['answer', 'repair', 'anything'] },
    problem: {
      path: 'leases.model-session.purposes[2]',
      found: 'the purpose "anything", which is not declared',
    },
  },
  {
    of: 'no purpose',
    change: { 'leases.model-session.purposes': [] },
    problem: { path: 'leases.model-session.purposes', found: 'a list of 0 items' },
  },
  {
    of: 'rights for a purpose that it is not leased for',
    change: {
      'leases.bucket': {
        ...aBucket(),
        allow: [{ actions: ['s3:GetObject'], resources: ['*'], purposes: ['repair'] }],
      },
    },
    problem: {
      path: 'leases.bucket.allow[0].purposes',
      found: 'the purpose "repair", which this is not leased for',
    },
  },
  {
    of: 'a purpose that it has no rights for',
    change: {
      'leases.bucket': {
        ...aBucket(),
        allow: [{ ...GET, purposes: ['answer'] }],
        purposes: ['answer', 'repair'],
      },
    },
    problem: {
      path: 'leases.bucket.purposes[1]',
      found: 'the purpose "repair", which nothing in allow is for',
      allowed: 'a purpose that allow has an entry for: answer',
    },
  },
  {
    of: 'tokens of an issuer that is not declared',
    change: { 'leases.vectors': anExchange('https://ci.example.com', 'vectors') },
    problem: {
      path: 'leases.vectors.issuer',
      found: 'tokens of "https://ci.example.com" for "vectors", which no issuer is declared to make',
    },
  },
  {
    of: 'tokens by which nobody asks',
    change: { 'leases.vectors': anExchange('https://login.example.com', 'agents-staging') },
    problem: {
      path: 'leases.vectors.issuer',
      found: 'tokens of "sessions", by which nobody asks (use: acting-for)',
    },
  },
  {
    of: 'more for one caller than for all',
    change: { 'leases.model-session.limits': { perPrincipal: 9, total: 3 } },
    problem: { path: 'leases.model-session.limits.perPrincipal', found: '9 for one caller, and 3 for all' },
  },
  {
    of: 'more than the authority makes',
    change: { 'leases.model-session.limits': { total: 201 } },
    problem: {
      path: 'leases.model-session.limits.total',
      found: '201 leases, of an authority that makes 200 at most',
    },
  },
  {
    of: 'a value in the file',
    change: { 'leaseAuthorities.model-leases.adminKey': 'sk-admin-0000000000000000' },
    problem: {
      path: 'leaseAuthorities.model-leases.adminKey',
      found: 'a field that does not exist here, holding a text of 25 characters',
    },
  },
  // times
  {
    of: 'a default above the maximum',
    change: { 'leases.model-session.ttl': { default: { seconds: 61 }, maximum: { seconds: 60 } } },
    problem: {
      path: 'leases.model-session.ttl.default',
      found: '61 seconds',
      allowed: 'at most the maximum, 1 minute',
    },
  },
  {
    of: 'a maximum that is no lease any more',
    change: { 'leases.model-session.ttl': { maximum: { seconds: 43_201 } } },
    problem: { path: 'leases.model-session.ttl.maximum', allowed: 'at most 12 hours' },
  },
  {
    of: 'a life that is shorter than the longest lease',
    change: { 'leases.model-session.ttl': { maximum: { seconds: 600 }, longest: { seconds: 599 } } },
    problem: { path: 'leases.model-session.ttl.longest', allowed: 'at least the maximum, 10 minutes' },
  },
  {
    of: 'renewals of what is not renewed',
    change: { 'leases.model-session.ttl': { maximum: { seconds: 600 }, longest: { seconds: 1200 } } },
    problem: {
      path: 'leases.model-session.ttl.longest',
      allowed: 'the maximum, 10 minutes: leases of kind openai are not renewed',
    },
  },
  {
    of: 'a lease that its target cannot end so soon',
    change: { 'leases.bucket': { ...aBucket(), ttl: { default: { seconds: 300 } } } },
    problem: {
      path: 'leases.bucket.ttl.default',
      found: '5 minutes',
      allowed: 'at least 15 minutes: leases of this kind cannot be ended sooner',
    },
  },
  {
    of: 'a lease that is longer than its target makes it',
    change: {
      'leases.bucket': { ...aBucket(), ttl: { maximum: { seconds: 7200 }, longest: { seconds: 7200 } } },
    },
    problem: { path: 'leases.bucket.ttl.maximum', allowed: 'at most 1 hour' },
  },
  // egress
  ...(
    [
      ['a wildcard', '*.openai.com', 'a text of'],
      ['an address', '203.0.113.7', '"203.0.113.7"'],
      ['a host with a port', 'api.openai.com:443', '"api.openai.com:443"'],
      ['a name without a domain', 'openai', '"openai"'],
      [
        'the host of the metadata service',
        'metadata.google.internal',
        'the link-local host "metadata.google.internal"',
      ],
    ] as const
  ).map(([of, host, found]) => ({
    of: `a place that is ${of}`,
    change: { 'leases.model-session.egress.0.host': host },
    problem: { path: 'leases.model-session.egress[0].host', ...(found === 'a text of' ? {} : { found }) },
  })),
  ...['/v1/../admin', '/v1/./x', '//evil.example.com', 'v1', '/v1?x=y', '/v1%2e%2e/'].map((path) => ({
    of: `the path ${path}`,
    change: { 'leases.model-session.egress.0.paths': [path] },
    problem: { path: 'leases.model-session.egress[0].paths[0]' },
  })),
  ...['host', 'content-length', 'transfer-encoding', 'proxy-authorization', 'Authorization', 'x\r\nhost'].map(
    (name) => ({
      of: `a value in the header ${JSON.stringify(name)}`,
      change: { 'leases.model-session.egress.0.put': { into: 'header', name, field: 'apiKey' } },
      problem: { path: 'leases.model-session.egress[0].put.name' },
    }),
  ),
  {
    of: 'one place twice',
    change: {
      'leases.model-session.egress': ['/v1/', '/v2/'].map((path) => ({
        host: 'api.openai.com',
        paths: [path],
        put: { into: 'query', name: 'key', field: 'apiKey' },
      })),
    },
    problem: { path: 'leases.model-session.egress[1].host', found: 'the host and port of item 1' },
  },
  // accounts and places
  {
    of: 'a lease authority that two environments share',
    change: {
      'leaseAuthorities.app': {
        kind: 'github-app',
        owner: 'platform',
        clientId: 'Iv1.abc',
        adopters: { staging: [adminOf('111111111111')], production: [adminOf('222222222222')] },
      },
    },
    problem: {
      path: 'leaseAuthorities.app',
      found: 'the account https://api.github.com/app/Iv1.abc, which "app" in "production" is as well',
    },
  },
  {
    of: 'a lease that acts as Lockstep',
    change: {
      'leases.bucket': {
        ...aBucket(),
        role: {
          staging: 'arn:aws:iam::111111111111:role/lockstep/staging/lockstep-staging-operate',
          production: both('bucket-reader').production,
        },
      },
    },
    problem: {
      path: 'leases.bucket',
      found: 'a role under /lockstep/staging/, where Lockstep keeps its own roles',
    },
  },
  {
    of: 'a target on the machine of the function',
    change: { 'leaseAuthorities.model-leases.apiUrl': 'https://127.0.0.1/v1' },
    problem: { path: 'leases.model-session', found: 'a target at the loopback host "127.0.0.1"' },
  },
  {
    of: 'a target without TLS',
    change: { 'leaseAuthorities.model-leases.apiUrl': 'http://models.example.com/v1' },
    problem: { path: 'leaseAuthorities.model-leases.apiUrl', found: 'plain http' },
  },
  // suppliers
  {
    of: 'a lease authority that nobody supplies',
    change: { 'leaseAuthorities.model-leases.adopters': [] },
    problem: {
      path: 'leaseAuthorities.model-leases.adopters',
      found: 'nobody who may supply its value in staging',
    },
  },
  {
    of: 'a supplier of another account',
    change: { 'leaseAuthorities.model-leases.adopters': [adminOf('333333333333')] },
    problem: {
      path: 'leaseAuthorities.model-leases.adopters',
      found: 'a principal of the account 333333333333: adopters of another account are not supported yet',
    },
  },
  // the rest
  {
    of: 'a tier that there is not',
    change: { 'credentials.store.tier': 3 },
    problem: { path: 'credentials.store.tier', found: '3' },
  },
  {
    of: 'a budget of nothing',
    change: { blastRadius: { perPrincipal: 0 } },
    problem: { path: 'blastRadius.perPrincipal', found: '0' },
  },
] as const;
