import * as z from 'zod';
import { accountAt, placeOf, type ServerEndpoint } from '../../contracts/targets/endpoint.ts';
import { serverEndpoint } from '../../contracts/targets/endpoint-schema.ts';
import { hasAll } from '../../contracts/targets/rights.ts';
import type { Leasable, LeaseAuthority } from '../../core/access/access-inventory.ts';
import type { LeaserKind } from '../../core/kind.ts';
import { mysqlLeaseCapabilities } from './capabilities.ts';

/** MySQL takes 32 characters for a user or a role, and 64 for a database. */
const name = (what: string, longest: number) =>
  z
    .string()
    .regex(new RegExp(`^(?!mysql\\.)[A-Za-z_][A-Za-z0-9_.-]{0,${longest - 1}}$`))
    .describe(`${what}: 1 to ${longest} letters, digits, _, . and -, beginning with a letter or _`);

const role = (what: string) => name(what, 32);

/** The host part of an account: whence it may be used. */
const From = z
  .string()
  .regex(/^[A-Za-z0-9_.:%/-]{1,255}$/)
  .default('%')
  .describe('whence it may be used, as the host part of a MySQL account: a name, an address or a pattern');

const MysqlLeaseTarget = z.strictObject({
  database: name('the database that holders log in to', 64),
  roles: z
    .array(role('a role whose rights the lease gets'))
    .min(1)
    .max(16)
    .describe('1 to 16 roles whose rights the lease gets'),
  connectionLimit: z
    .int()
    .min(1)
    .max(1000)
    .default(10)
    .describe('sessions of one lease at a time: 1 to 1000'),
  from: From,
});
/** What the leaser needs of something that is leased as a user of MySQL. */
export type MysqlLeaseTarget = z.infer<typeof MysqlLeaseTarget>;

const MysqlLeaseAuthorityTarget = z.strictObject({
  endpoint: serverEndpoint(3306),
  user: role('the user of the lease authority'),
  from: From,
  roles: z
    .array(role('a role that it may hand out'))
    .min(1)
    .max(64)
    .describe('1 to 64 roles that it has WITH ADMIN OPTION, and no others'),
  exposesOthers: z
    .boolean()
    .default(false)
    .describe(
      'whether the server may have accounts without SYSTEM_USER besides: the authority could change each of them',
    ),
});
/** What the leaser needs of the user that makes leases. */
export type MysqlLeaseAuthorityTarget = z.infer<typeof MysqlLeaseAuthorityTarget>;

const account = (endpoint: ServerEndpoint, user: string): string => accountAt('mysql', endpoint, user);

const accountsOf = (target: Leasable['target'], authority: LeaseAuthority | undefined): readonly string[] => {
  if (!authority) return [];
  const { endpoint } = MysqlLeaseAuthorityTarget.parse(authority.target);
  return MysqlLeaseTarget.parse(target).roles.map((each) => account(endpoint, each));
};

/** A user for each lease, on MySQL 8.0.21 or newer. */
export const mysqlLeaseKind = {
  name: 'mysql',
  capabilities: mysqlLeaseCapabilities,
  target: MysqlLeaseTarget,
  environmentBound: [],
  authority: {
    target: MysqlLeaseAuthorityTarget,
    environmentBound: ['endpoint'],
    accounts({ target }) {
      const { endpoint, user } = MysqlLeaseAuthorityTarget.parse(target);
      return [account(endpoint, user)];
    },
  },
  accounts: ({ target }, authority) => accountsOf(target, authority),
  /** Roles are the server's, whatever database a lease logs in to. Which roles are granted to others, it alone knows. */
  includes: (one, other) =>
    hasAll(
      accountsOf(one.leasable.target, one.authority),
      accountsOf(other.leasable.target, other.authority),
    ),
  places: (_leasable, authority) =>
    authority ? [placeOf(MysqlLeaseAuthorityTarget.parse(authority.target).endpoint)] : [],
} as const satisfies LeaserKind<z.ZodObject>;
