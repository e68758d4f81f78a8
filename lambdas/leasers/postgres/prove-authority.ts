import type { LeaseAuthority } from '../../core/access/access-inventory.ts';
import type { Secret } from '../../core/secret.ts';
import { withConnection } from '../../postgres/connection.ts';
import type { PostgresPorts } from '../../postgres/ports.ts';
import { loginOfAuthority } from './as-authority.ts';
import { assertRights, type AuthorityRights } from './authority-rights.ts';
import { assertNewEnough, OWN_FUNCTIONS } from './lease-state.ts';
import { GRAVE_PREFIX, LEASE_PREFIX } from './lease-names.ts';
import { authorityTargetOf } from './target.ts';

/** Logs in as the authority, and looks at what it may do: as much as leases need, and nothing more. */
export async function proveAuthority(
  ports: PostgresPorts,
  declared: LeaseAuthority,
  value: Secret,
): Promise<void> {
  const { roles } = authorityTargetOf(declared);
  await withConnection(ports, loginOfAuthority(declared, value), 'prove-authority', async (session) => {
    const [server] = await session.rows<{ readonly version: number }>(
      'the look at the version',
      `${OWN_FUNCTIONS} SELECT current_setting('server_version_num')::int AS "version"`,
    );
    assertNewEnough(server?.version ?? 0, session.subject);
    const [rights] = await session.query<{ readonly rights: AuthorityRights }>(
      'the look at our own rights',
      RIGHTS,
      [roles, LEASE_PREFIX, GRAVE_PREFIX],
    );
    if (rights) assertRights(declared, rights.rights);
  });
}

const attributes = (of: string): string =>
  `'superuser', ${of}.rolsuper, 'createRole', ${of}.rolcreaterole, 'createDatabase', ${of}.rolcreatedb,
   'replication', ${of}.rolreplication, 'bypassRls', ${of}.rolbypassrls`;

/** `reach`: the declared roles and, over any number of steps, all that they are members of. */
const RIGHTS = `
  WITH RECURSIVE
    reach(oid) AS (
      SELECT oid FROM pg_roles WHERE rolname = ANY($1::text[])
      UNION SELECT m.roleid FROM pg_auth_members m JOIN reach ON m.member = reach.oid),
    member(role, admin) AS (
      SELECT g.rolname, bool_or(m.admin_option) FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
       WHERE m.member = current_user::regrole
         AND NOT starts_with(g.rolname, $2) AND NOT starts_with(g.rolname, $3) GROUP BY 1)
  SELECT json_build_object(
    ${attributes('me')},
    'memberships', (SELECT coalesce(json_agg(json_build_object('role', role, 'admin', admin)), '[]') FROM member),
    'reach', (SELECT coalesce(json_agg(json_build_object('role', r.rolname, 'canLogin', r.rolcanlogin, ${attributes('r')})), '[]')
                FROM pg_roles r JOIN reach USING (oid)),
    'adminByReach', (SELECT coalesce(json_agg(DISTINCT g.rolname), '[]')
                       FROM pg_auth_members m JOIN reach ON reach.oid = m.member JOIN pg_roles g ON g.oid = m.roleid
                      WHERE m.admin_option)) AS "rights"
    FROM pg_roles me WHERE me.rolname = current_user`;
