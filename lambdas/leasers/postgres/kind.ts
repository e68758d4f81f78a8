import * as z from 'zod';
import { accountAt, placeOf, type ServerEndpoint } from '../../contracts/targets/endpoint.ts';
import { serverEndpoint } from '../../contracts/targets/endpoint-schema.ts';
import { postgresName } from '../../contracts/targets/postgres-name.ts';
import { hasAll } from '../../contracts/targets/rights.ts';
import type { Leasable, LeaseAuthority } from '../../core/access/access-inventory.ts';
import type { LeaserKind } from '../../core/kind.ts';
import { postgresLeaseCapabilities } from './capabilities.ts';

const Grant = z
  .strictObject({
    role: postgresName('a role whose rights the lease gets'),
    inherit: z
      .boolean()
      .default(true)
      .describe('whether the lease has its rights from the first statement on, that to log in included'),
    set: z.boolean().default(false).describe('whether the lease may SET ROLE to it'),
  })
  .refine(({ inherit, set }) => inherit || set)
  .describe('{ role, inherit?, set? }, at least one of them true');

const PostgresLeaseTarget = z.strictObject({
  database: postgresName('the database that holders log in to'),
  grants: z.array(Grant).min(1).max(16).describe('1 to 16 roles whose rights the lease gets'),
  actAs: postgresName('the role that sessions begin as: one of grants, with set').optional(),
  ownerRole: postgresName('the role that gets what a lease leaves behind'),
  connectionLimit: z
    .int()
    .min(1)
    .max(1000)
    .default(10)
    .describe('sessions of one lease at a time: 1 to 1000'),
});
/** What the leaser needs of something that is leased as a role of PostgreSQL. */
export type PostgresLeaseTarget = z.infer<typeof PostgresLeaseTarget>;

const PostgresLeaseAuthorityTarget = z.strictObject({
  endpoint: serverEndpoint(5432),
  role: postgresName('the login role of the lease authority'),
  database: postgresName('the database it logs in to').default('postgres'),
  roles: z
    .array(postgresName('a role that it may hand out'))
    .min(1)
    .max(64)
    .describe('1 to 64 roles on which it has ADMIN OPTION, and no others'),
});
/** What the leaser needs of the role that makes leases. */
export type PostgresLeaseAuthorityTarget = z.infer<typeof PostgresLeaseAuthorityTarget>;

/** Roles belong to a server, not to a database. */
const account = (endpoint: ServerEndpoint, role: string): string => accountAt('postgres', endpoint, role);

const accountsOf = (target: Leasable['target'], authority: LeaseAuthority | undefined): readonly string[] => {
  if (!authority) return [];
  const { endpoint } = PostgresLeaseAuthorityTarget.parse(authority.target);
  const { grants, ownerRole } = PostgresLeaseTarget.parse(target);
  return [...grants.map(({ role }) => role), ownerRole].map((role) => account(endpoint, role));
};

/** A login role for each lease, on PostgreSQL 16 or newer. */
export const postgresLeaseKind = {
  name: 'postgres',
  capabilities: postgresLeaseCapabilities,
  target: PostgresLeaseTarget,
  environmentBound: [],
  authority: {
    target: PostgresLeaseAuthorityTarget,
    environmentBound: ['endpoint'],
    accounts({ target }) {
      const { endpoint, role } = PostgresLeaseAuthorityTarget.parse(target);
      return [account(endpoint, role)];
    },
  },
  accounts: ({ target }, authority) => accountsOf(target, authority),
  /** Roles are the server's, and lead to every database that lets them in. Which roles are members of others, it alone knows. */
  includes: (one, other) =>
    hasAll(
      accountsOf(one.leasable.target, one.authority),
      accountsOf(other.leasable.target, other.authority),
    ),
  heir({ target }) {
    const { grants, ownerRole } = PostgresLeaseTarget.parse(target);
    return { field: 'ownerRole', role: ownerRole, granted: grants.map(({ role }) => role) };
  },
  places: (_leasable, authority) =>
    authority ? [placeOf(PostgresLeaseAuthorityTarget.parse(authority.target).endpoint)] : [],
} as const satisfies LeaserKind<z.ZodObject>;
