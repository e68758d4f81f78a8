import { escapeIdentifier } from 'pg';
import { LockstepError } from '../../core/errors.ts';
import type { Session } from '../../postgres/connection.ts';
import { sqlState } from '../../postgres/sql-state.ts';

/** A right that the authority needs over a slot. */
export type AuthorityRight = 'CREATEROLE' | 'ADMIN OPTION' | 'pg_read_all_stats' | 'pg_signal_backend';

/** The SQL that gives a right: what the error of a missing one ends with. */
function grantStatement(right: AuthorityRight, authority: string, slot: string): string {
  const [to, over] = [escapeIdentifier(authority), escapeIdentifier(slot)];
  switch (right) {
    case 'CREATEROLE':
      return `ALTER ROLE ${to} CREATEROLE;`;
    case 'ADMIN OPTION':
      return `GRANT ${over} TO ${to} WITH ADMIN OPTION;`;
    case 'pg_read_all_stats':
    case 'pg_signal_backend':
      return `GRANT ${right} TO ${to};`;
  }
}

/** The error for rights that are missing. */
export function lacksGrant(
  rights: readonly AuthorityRight[],
  authority: string,
  slot: string,
): LockstepError {
  const statements = rights.map((right) => grantStatement(right, authority, slot)).join(' ');
  return new LockstepError(
    'TARGET_LACKS_GRANT',
    `role ${authority} lacks ${rights.join(' and ')} to change role ${slot}; as an administrator run: ${statements}`,
  );
}

/**
 * Runs `change`, and where the server refuses it for a missing right (42501), asks which of `needed` it was
 * and throws that: PostgreSQL's own answer does not say, and differs between its versions.
 */
export async function namingMissingRights<T>(
  session: Session,
  slot: string,
  needed: readonly AuthorityRight[],
  change: () => Promise<T>,
): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (!(error instanceof LockstepError) || sqlState(error.cause) !== '42501') throw error;
    const held = await heldRights(session, slot);
    const missing = needed.filter((right) => !held.includes(right));
    if (missing.length === 0) throw error;
    throw lacksGrant(missing, session.subject.role, slot);
  }
}

async function heldRights(session: Session, slot: string): Promise<readonly AuthorityRight[]> {
  const [row] = await session.query<Record<AuthorityRight, boolean>>(
    'the look at our own rights',
    `SELECT rolcreaterole AS "CREATEROLE",
            coalesce(pg_has_role(current_user, (SELECT oid FROM pg_roles WHERE rolname = $1), 'MEMBER WITH ADMIN OPTION'), false) AS "ADMIN OPTION",
            pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS "pg_read_all_stats",
            pg_has_role(current_user, 'pg_signal_backend', 'USAGE') AS "pg_signal_backend"
       FROM pg_roles WHERE rolname = current_user`,
    [slot],
  );
  return (['CREATEROLE', 'ADMIN OPTION', 'pg_read_all_stats', 'pg_signal_backend'] as const).filter(
    (right) => row?.[right] ?? false,
  );
}
