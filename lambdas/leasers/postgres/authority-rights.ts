import { escapeIdentifier } from 'pg';
import type { LeaseAuthority } from '../../core/access/access-inventory.ts';
import { LockstepError } from '../../core/errors.ts';
import { lacksRights } from './lease-rights.ts';
import { authorityTargetOf } from './target.ts';

/** What a role may do besides what it was granted. */
interface Attributes {
  readonly superuser: boolean;
  readonly createRole: boolean;
  readonly createDatabase: boolean;
  readonly replication: boolean;
  readonly bypassRls: boolean;
}

/** What the server says of the rights of an authority. */
export interface AuthorityRights extends Attributes {
  /** Roles that it is a member of, those of leases left out. */
  readonly memberships: readonly { readonly role: string; readonly admin: boolean }[];
  /** The roles that it may hand out, and all whose rights those have. */
  readonly reach: readonly (Attributes & { readonly role: string; readonly canLogin: boolean })[];
  /** Roles that those may hand out or change. */
  readonly adminByReach: readonly string[];
}

/** By these a role reads, writes and runs what it wants on the server's machine. */
const MACHINE = ['pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program'];

/**
 * Refuses an authority that lacks a right, and one that has more than it needs: with one it makes no leases, with the
 * other it could change what is rotated, or hand out what nobody declared. Throws `TARGET_LACKS_GRANT` or
 * `TARGET_REFUSED`, with the SQL that mends it.
 */
export function assertRights(declared: LeaseAuthority, rights: AuthorityRights): void {
  const { role: authority, roles } = authorityTargetOf(declared);
  assertNoMore(authority, roles, rights);
  assertHarmless(authority, roles, rights);
  const admin = roles.filter((role) => !rights.memberships.some((each) => each.role === role && each.admin));
  if (rights.createRole && admin.length === 0) return;
  throw lacksRights(authority, { createRole: !rights.createRole, admin });
}

function assertNoMore(authority: string, roles: readonly string[], rights: AuthorityRights): void {
  const attributes = [
    ...(rights.superuser ? ['SUPERUSER'] : []),
    ...(rights.createDatabase ? ['CREATEDB'] : []),
    ...(rights.replication ? ['REPLICATION'] : []),
    ...(rights.bypassRls ? ['BYPASSRLS'] : []),
  ];
  const others = rights.memberships.map(({ role }) => role).filter((role) => !roles.includes(role));
  if (attributes.length === 0 && others.length === 0) return;
  const by = escapeIdentifier(authority);
  const what = [...attributes, ...others.map((role) => `membership in ${role}`)].join(', ');
  const mend = [
    ...(attributes.length === 0
      ? []
      : [`ALTER ROLE ${by} ${attributes.map((each) => `NO${each}`).join(' ')};`]),
    ...others.map((role) => `REVOKE ${escapeIdentifier(role)} FROM ${by};`),
  ].join(' ');
  throw new LockstepError(
    'TARGET_REFUSED',
    `role ${authority} has more than leases need, and whoever has it could use that: ${what}; ` +
      `as an administrator run: ${mend}`,
  );
}

/** What it may hand out must not lead to more: whoever has a lease would have it too. */
function assertHarmless(
  authority: string,
  roles: readonly string[],
  { reach, adminByReach }: AuthorityRights,
): void {
  const faults = [
    ...reach.flatMap((each) => [
      ...(each.superuser ? [`${each.role} is a superuser`] : []),
      ...(each.createRole ? [`${each.role} has CREATEROLE`] : []),
      ...(each.createDatabase ? [`${each.role} has CREATEDB`] : []),
      ...(each.replication ? [`${each.role} has REPLICATION`] : []),
      ...(each.bypassRls ? [`${each.role} has BYPASSRLS`] : []),
      ...(each.canLogin ? [`${each.role} can log in, as a slot does`] : []),
      ...(MACHINE.includes(each.role) ? [`${each.role} reaches the server's machine`] : []),
    ]),
    ...adminByReach
      .filter((role) => !roles.includes(role))
      .map((role) => `they have ADMIN OPTION on ${role}`),
  ];
  if (faults.length === 0) return;
  throw new LockstepError(
    'TARGET_REFUSED',
    `the roles that ${authority} may hand out lead to more than a lease may have: ${faults.join('; ')}; ` +
      'take that from them, or declare others',
  );
}
