import { expect, it } from 'vitest';
import * as lockstep from '../../../../lambdas/contracts/inventory/index.ts';
import { LEASER_KINDS } from '../../../../lambdas/contracts/kinds.ts';

const common = { owner: 'platform', purposes: ['answer'] };
const server = { owner: 'platform', endpoint: { host: 'db.example.com' } };

it('has a builder for each kind of lease, which makes plain data', () => {
  const made = [
    lockstep.postgresLease({
      ...common,
      authority: 'a',
      database: 'rag',
      grants: [{ role: 'rag_reader' }],
      ownerRole: 'rag_reader',
    }),
    lockstep.mysqlLease({ ...common, authority: 'a', database: 'rag', roles: ['reader'] }),
    lockstep.redisLease({ ...common, authority: 'a', commands: ['get'] }),
    lockstep.openaiLease({ ...common, authority: 'a', project: 'proj_x' }),
    lockstep.awsSessionLease({
      ...common,
      role: 'arn:aws:iam::111111111111:role/reader',
      allow: [{ actions: ['s3:GetObject'], resources: ['*'] }],
    }),
    lockstep.githubAppLease({
      ...common,
      authority: 'a',
      installation: 7,
      account: 'acme',
      access: [{ repositories: ['docs'], permissions: { contents: 'read' } }],
    }),
    lockstep.federatedLease({
      ...common,
      issuer: 'https://idp.example',
      audience: 'x',
      exchange: { service: 'openai', identityProvider: 'idp', serviceAccount: 'sa' },
    }),
  ];
  expect(made.map(({ kind }) => kind).sort()).toEqual(LEASER_KINDS.map(({ name }) => name).sort());
  expect(JSON.parse(JSON.stringify(made))).toStrictEqual(made);
});

it('has a builder for the authority of each kind that stores one', () => {
  const made = [
    lockstep.postgresLeaseAuthority({ ...server, role: 'lease_admin', roles: ['rag_reader', 'rag_owner'] }),
    lockstep.mysqlLeaseAuthority({ ...server, user: 'lease_admin', roles: ['reader'] }),
    lockstep.redisLeaseAuthority({ ...server, user: 'lease_admin' }),
    lockstep.openaiLeaseAuthority({ owner: 'platform' }),
    lockstep.githubAppLeaseAuthority({ owner: 'platform', clientId: 'Iv1.abc' }),
  ];
  const kinds = LEASER_KINDS.filter(({ authority }) => authority).map(({ name }) => name);
  expect(made.map(({ kind }) => kind).sort()).toEqual(kinds.sort());
});

it('refuses in the editor what the checks would refuse', () => {
  // @ts-expect-error leases of a database are made by an authority
  lockstep.postgresLease({ ...common, database: 'rag', grants: [], ownerRole: 'x' });
  // @ts-expect-error what it may be used for has to be said
  lockstep.openaiLease({ owner: 'platform', authority: 'a', project: 'proj_x' });
  // @ts-expect-error nobody rotates a lease authority
  lockstep.openaiLeaseAuthority({ owner: 'platform', rotateEvery: lockstep.days(7) });
  // @ts-expect-error sessions of a role need no authority that is stored
  const session = lockstep.awsSessionLease({ ...common, authority: 'a', role: 'x', allow: [] });
  expect(session.kind).toBe('aws-session');
});
