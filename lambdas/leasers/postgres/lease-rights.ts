import { escapeIdentifier } from 'pg';
import { LockstepError } from '../../core/errors.ts';
import type { Session } from '../../postgres/connection.ts';
import { sqlState } from '../../postgres/sql-state.ts';

/** What an authority lacks to hand out some roles. */
export interface Missing {
  readonly createRole: boolean;
  /** Roles without ADMIN OPTION. */
  readonly admin: readonly string[];
}

/** The SQL that gives an authority ADMIN OPTION on a role, and none of its rights. */
export const grantAdmin = (role: string, authority: string): string =>
  `GRANT ${escapeIdentifier(role)} TO ${escapeIdentifier(authority)} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;`;

/** The error for rights that an authority needs and does not have, with the SQL that gives them. */
export function lacksRights(authority: string, { createRole, admin }: Missing): LockstepError {
  const what = [
    ...(createRole ? ['CREATEROLE'] : []),
    ...admin.map((role) => `ADMIN OPTION on ${role}`),
  ].join(' and ');
  const statements = [
    ...(createRole ? [`ALTER ROLE ${escapeIdentifier(authority)} CREATEROLE;`] : []),
    ...admin.map((role) => grantAdmin(role, authority)),
  ].join(' ');
  return new LockstepError(
    'TARGET_LACKS_GRANT',
    `role ${authority} lacks ${what} to make leases; as an administrator run: ${statements}`,
  );
}

/**
 * Runs `change`, and where the server refuses it for a missing right (42501), asks which one it was and throws that:
 * PostgreSQL's own answer does not say, and differs between its versions.
 */
export async function namingMissingRights<T>(
  session: Session,
  roles: readonly string[],
  change: () => Promise<T>,
): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (!(error instanceof LockstepError) || sqlState(error.cause) !== '42501') throw error;
    const missing = await missingRights(session, roles);
    if (!missing.createRole && missing.admin.length === 0) throw error;
    throw lacksRights(session.subject.role, missing);
  }
}

async function missingRights(session: Session, roles: readonly string[]): Promise<Missing> {
  const [row] = await session.query<{ readonly canCreate: boolean; readonly admin: readonly string[] }>(
    'the look at our own rights',
    `SELECT rolcreaterole AS "canCreate",
            (SELECT coalesce(json_agg(g.rolname), '[]') FROM pg_catalog.pg_roles g
              WHERE g.rolname = ANY($1::text[]) AND pg_catalog.pg_has_role(a.oid, g.oid, 'MEMBER WITH ADMIN OPTION')) AS "admin"
       FROM pg_catalog.pg_roles a WHERE a.rolname = current_user`,
    [roles],
  );
  return {
    createRole: row?.canCreate !== true,
    admin: roles.filter((role) => row?.admin.includes(role) !== true),
  };
}
