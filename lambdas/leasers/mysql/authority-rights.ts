import type { LeaseAuthority } from '../../core/access/access-inventory.ts';
import { LockstepError } from '../../core/errors.ts';
import { account, role as roleName } from './sql-text.ts';
import { authorityTargetOf, type AuthorityTarget } from './target.ts';

/** What the server says of the rights of an authority. */
export interface AuthorityRights {
  /** Over the whole server, of its own. */
  readonly global: readonly string[];
  /** In single databases, tables and columns: `SELECT mysql.user.User`. */
  readonly local: readonly string[];
  readonly roles: readonly { readonly role: string; readonly admin: boolean }[];
  /** What the declared roles, and all that they have, may do over the whole server, or are: `rag_reader can log in`. */
  readonly reach: readonly string[];
  /** Accounts that it could change, besides. A few of them. */
  readonly exposed: readonly string[];
}

/** What it needs over the whole server: it makes users, sees their sessions, and ends those. */
const GLOBAL = ['CREATE USER', 'PROCESS', 'CONNECTION_ADMIN'];

/** What it needs to see of accounts: never how they log in. */
const COLUMNS = ['User', 'Host', 'account_locked'];

/** By these a role changes accounts, reads files or stops the server: columns of `mysql.user`. */
export const DANGEROUS_COLUMNS = [
  'Super_priv',
  'Create_user_priv',
  'Create_role_priv',
  'Drop_role_priv',
  'Grant_priv',
  'File_priv',
  'Process_priv',
  'Shutdown_priv',
  'Reload_priv',
  'Repl_slave_priv',
  'Repl_client_priv',
] as const;

/** Tables of which it sees everything: who has which role, and which rights that have names of their own. */
const TABLES = ['role_edges', 'global_grants'];

const SEES = [
  ...[...COLUMNS, ...DANGEROUS_COLUMNS].map((column) => `SELECT mysql.user.${column}`),
  ...TABLES.map((table) => `SELECT mysql.${table}`),
];

/** The SQL that gives an authority what it needs. */
export function grantsFor({ user, from, roles }: AuthorityTarget): readonly string[] {
  const by = account({ user, host: from });
  return [
    `GRANT CREATE USER, PROCESS ON *.* TO ${by};`,
    `GRANT CONNECTION_ADMIN ON *.* TO ${by};`,
    `GRANT SELECT (${[...COLUMNS, ...DANGEROUS_COLUMNS].join(', ')}) ON mysql.user TO ${by};`,
    ...TABLES.map((table) => `GRANT SELECT ON mysql.${table} TO ${by};`),
    ...roles.map((each) => `GRANT ${roleName(each)} TO ${by} WITH ADMIN OPTION;`),
  ];
}

/**
 * Refuses an authority that lacks a right, and one that has more than it needs: with one it makes no leases, with the
 * other it could do what nobody declared. Throws `TARGET_LACKS_GRANT` or `TARGET_REFUSED`, with what mends it.
 */
export function assertRights(declared: LeaseAuthority, rights: AuthorityRights): void {
  const target = authorityTargetOf(declared);
  assertAll(target, rights);
  assertNoMore(target, rights);
  assertHarmless(target, rights);
}

function assertAll(target: AuthorityTarget, { global, local, roles }: AuthorityRights): void {
  const missing = [
    ...GLOBAL.filter((each) => !global.includes(each)),
    ...SEES.filter((each) => !local.includes(each)),
    ...target.roles
      .filter((each) => !roles.some(({ role, admin }) => role === each && admin))
      .map((each) => `ADMIN OPTION on ${each}`),
  ];
  if (missing.length === 0) return;
  throw new LockstepError(
    'TARGET_LACKS_GRANT',
    `user ${target.user} lacks ${missing.join(', ')} to make leases; as an administrator run: ${grantsFor(target).join(' ')}`,
  );
}

function assertNoMore(target: AuthorityTarget, { global, local, roles }: AuthorityRights): void {
  const by = account({ user: target.user, host: target.from });
  const globals = global.filter((each) => each !== 'USAGE' && !GLOBAL.includes(each));
  const locals = local.filter((each) => !SEES.includes(each));
  const others = roles.map(({ role }) => role).filter((each) => !target.roles.includes(each));
  if (globals.length + locals.length + others.length === 0) return;
  const what = [...globals, ...locals, ...others.map((each) => `role ${each}`)].slice(0, 8).join(', ');
  const mend = [
    ...(globals.length === 0 ? [] : [`REVOKE ${globals.join(', ')} ON *.* FROM ${by};`]),
    ...others.map((each) => `REVOKE ${roleName(each)} FROM ${by};`),
  ].join(' ');
  throw new LockstepError(
    'TARGET_REFUSED',
    `user ${target.user} has more than leases need, and whoever has it could use that: ${what}; ` +
      (mend === '' ? 'take that from it' : `as an administrator run: ${mend}`),
  );
}

function assertHarmless(target: AuthorityTarget, { reach, exposed }: AuthorityRights): void {
  if (reach.length > 0) {
    throw new LockstepError(
      'TARGET_REFUSED',
      `the roles that ${target.user} may hand out lead to more than a lease may have: ${reach.slice(0, 8).join('; ')}; ` +
        'take that from them, or declare others',
    );
  }
  if (exposed.length === 0 || target.exposesOthers) return;
  throw new LockstepError(
    'TARGET_REFUSED',
    `user ${target.user} makes users, and could change these as well: ${exposed.join(', ')}; as an administrator run ` +
      `GRANT SYSTEM_USER ON *.* TO each of them, or declare exposesOthers where that must be so`,
  );
}
