import type { LeaseAuthority } from '../../core/access/access-inventory.ts';
import { isLockstepError } from '../../core/errors.ts';
import type { Secret } from '../../core/secret.ts';
import { loginOfAuthority } from './as-authority.ts';
import { assertRights, DANGEROUS_COLUMNS, type AuthorityRights } from './authority-rights.ts';
import { withConnection, type Row, type Session } from './connection.ts';
import { LEASE_PATTERN } from './lease-names.ts';
import type { MysqlLeaserPorts } from './ports.ts';
import { assertClock, assertNewEnough } from './server.ts';
import { isOneOf, quoted } from './sql-text.ts';
import { authorityTargetOf, type AuthorityTarget } from './target.ts';

/** Logs in as the authority, and looks at what it may do: as much as leases need, and nothing more. */
export async function proveAuthority(
  ports: MysqlLeaserPorts,
  declared: LeaseAuthority,
  value: Secret,
): Promise<void> {
  await withConnection(ports, loginOfAuthority(declared, value), async (session) => {
    const askedAt = ports.clock();
    const [row] = await session.rows(
      'the look at the version',
      'SELECT VERSION() AS version, UNIX_TIMESTAMP(NOW(6)) * 1000 AS now',
    );
    assertNewEnough(String(row?.['version'] ?? ''), session.subject);
    assertClock(Number(row?.['now'] ?? Number.NaN), session.subject, ports.clock, askedAt);
    assertRights(declared, await rightsOf(session, authorityTargetOf(declared)));
  });
}

async function rightsOf(session: Session, target: AuthorityTarget): Promise<AuthorityRights> {
  const own = {
    global: (await ask(session, GLOBAL)).map(({ name }) => String(name)),
    local: (await ask(session, LOCAL)).map(({ name }) => String(name)),
  };
  const inRoles = await looked(session, target);
  return { ...own, ...(inRoles ?? { roles: [], reach: [], exposed: [] }) };
}

/** What it is not let see, it lacks: that is said then, and not that a statement was refused. */
async function looked(
  session: Session,
  target: AuthorityTarget,
): Promise<Pick<AuthorityRights, 'roles' | 'reach' | 'exposed'> | undefined> {
  try {
    const roles = await ask(session, ROLES);
    return {
      roles: roles.map(({ name, admin }) => ({ role: String(name), admin: admin === 'Y' })),
      reach: (await ask(session, reachOf(target.roles))).map(({ what }) => String(what)),
      exposed: (await ask(session, exposedBy(target.roles))).map(({ what }) => String(what)),
    };
  } catch (error) {
    if (isLockstepError(error, 'TARGET_LACKS_GRANT')) return undefined;
    throw error;
  }
}

const ask = (session: Session, sql: string): Promise<readonly Row[]> =>
  session.rows('the look at our own rights', sql);

const USER = `SUBSTRING_INDEX(CURRENT_USER(), '@', 1)`;
const HOST = `SUBSTRING_INDEX(CURRENT_USER(), '@', -1)`;
const GRANTEE = `CONCAT('\\'', ${USER}, '\\'@\\'', ${HOST}, '\\'')`;

const GLOBAL = `SELECT PRIVILEGE_TYPE AS name FROM information_schema.USER_PRIVILEGES WHERE GRANTEE = ${GRANTEE}`;

const LOCAL = `
  SELECT CONCAT(PRIVILEGE_TYPE, ' ', TABLE_SCHEMA, '.*') AS name
    FROM information_schema.SCHEMA_PRIVILEGES WHERE GRANTEE = ${GRANTEE}
  UNION SELECT CONCAT(PRIVILEGE_TYPE, ' ', TABLE_SCHEMA, '.', TABLE_NAME)
    FROM information_schema.TABLE_PRIVILEGES WHERE GRANTEE = ${GRANTEE}
  UNION SELECT CONCAT(PRIVILEGE_TYPE, ' ', TABLE_SCHEMA, '.', TABLE_NAME, '.', COLUMN_NAME)
    FROM information_schema.COLUMN_PRIVILEGES WHERE GRANTEE = ${GRANTEE}`;

const ROLES = `SELECT FROM_USER AS name, WITH_ADMIN_OPTION AS admin FROM mysql.role_edges
                WHERE TO_USER = ${USER} AND TO_HOST = ${HOST}`;

/** The declared roles and, over any number of steps, all that they have. */
const reaching = (roles: readonly string[]): string => `
  WITH RECURSIVE reach AS (
    SELECT u.User AS user, u.Host AS host FROM mysql.user u WHERE u.Host = '%' AND ${isOneOf('u.User', roles)}
    UNION SELECT e.FROM_USER, e.FROM_HOST FROM mysql.role_edges e
            JOIN reach r ON e.TO_USER = r.user AND e.TO_HOST = r.host)`;

const reachOf = (roles: readonly string[]): string => `${reaching(roles)}
  SELECT CONCAT(r.user, ' can log in, as an account does') AS what FROM reach r
    JOIN mysql.user u ON u.User = r.user AND u.Host = r.host WHERE u.account_locked <> 'Y'
  UNION SELECT CONCAT(r.user, ' has ', g.PRIV) FROM reach r
    JOIN mysql.global_grants g ON g.USER = r.user AND g.HOST = r.host
  ${DANGEROUS_COLUMNS.map(
    (column) => `UNION SELECT CONCAT(r.user, ' has ', ${quoted(column)}) FROM reach r
    JOIN mysql.user u ON u.User = r.user AND u.Host = r.host WHERE u.${column} = 'Y'`,
  ).join(' ')}
  UNION SELECT CONCAT(r.user, ' has ADMIN OPTION on ', e.FROM_USER) FROM reach r
    JOIN mysql.role_edges e ON e.TO_USER = r.user AND e.TO_HOST = r.host WHERE e.WITH_ADMIN_OPTION = 'Y'`;

/** Whoever has CREATE USER may change every account that has no SYSTEM_USER (8.0.16 and newer). */
const exposedBy = (roles: readonly string[]): string => `${reaching(roles)}
  SELECT CONCAT(QUOTE(u.User), '@', QUOTE(u.Host)) AS what FROM mysql.user u
   WHERE u.User NOT LIKE ${LEASE_PATTERN} AND NOT (u.User = ${USER} AND u.Host = ${HOST})
     AND NOT EXISTS (SELECT 1 FROM reach r WHERE r.user = u.User AND r.host = u.Host)
     AND NOT EXISTS (SELECT 1 FROM mysql.global_grants g
                      WHERE g.USER = u.User AND g.HOST = u.Host AND g.PRIV = 'SYSTEM_USER')
   ORDER BY 1 LIMIT 6`;
