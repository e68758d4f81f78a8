import { escapeIdentifier, escapeLiteral } from 'pg';
import { isLockstepError, LockstepError } from '../../core/errors.ts';
import type { LeaserRequest } from '../../core/ports/leaser.ts';
import type { Session } from '../../postgres/connection.ts';
import { timeoutsOf, type PostgresPorts } from '../../postgres/ports.ts';
import { asAuthority } from './as-authority.ts';
import { disarm } from './disarm.ts';
import { OWN_FUNCTIONS } from './lease-state.ts';
import { roleOf } from './lease-names.ts';
import { leaseTargetOf } from './target.ts';

/**
 * Takes back what a lease was granted and gives what it owned to the owner role, in every database where there is any
 * of it: a role cannot be dropped before, and only a session in a database can touch what is in it.
 *
 * Most leases own nothing, and then this is one question.
 */
export async function clearLeavings(
  ports: PostgresPorts,
  request: LeaserRequest,
  session: Session,
): Promise<void> {
  const role = roleOf(request.leaseId);
  const databases = await session.rows<{ readonly database: string }>(
    `the look at what role ${role} leaves behind`,
    `SELECT coalesce(d.datname, current_database()) AS "database"
       FROM pg_shdepend s LEFT JOIN pg_database d ON d.oid = s.dbid
      WHERE s.refclassid = 'pg_authid'::regclass
        AND s.refobjid = (SELECT oid FROM pg_roles WHERE rolname = ${escapeLiteral(role)})
     UNION SELECT database FROM pg_prepared_xacts WHERE owner = ${escapeLiteral(role)}`,
  );
  for (const { database } of databases) {
    await asAuthority(ports, request, 'end', (there) => clearIn(ports, request, there), database);
  }
}

async function clearIn(ports: PostgresPorts, request: LeaserRequest, session: Session): Promise<void> {
  const { ownerRole } = leaseTargetOf(request.leasable);
  const role = roleOf(request.leaseId);
  const [lease, owner] = [escapeIdentifier(role), escapeIdentifier(ownerRole)];
  const { statementMs, lockMs } = timeoutsOf(ports);
  try {
    await undoPrepared(session, role);
    await session.run(
      `the handing on of what role ${role} owns`,
      [
        'BEGIN;',
        `SET LOCAL statement_timeout = ${Math.round(statementMs)};`,
        `SET LOCAL lock_timeout = ${Math.round(lockMs)};`,
        // For this transaction alone: nobody else ever sees the authority with these rights.
        `GRANT ${owner} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE;`,
        // What it owned is made harmless first: never has the owner role any of it as the lease left it.
        `${disarm(role)};`,
        `REASSIGN OWNED BY ${lease} TO ${owner};`,
        `DROP OWNED BY ${lease} RESTRICT;`,
        `REVOKE ${owner} FROM CURRENT_USER GRANTED BY CURRENT_USER;`,
        'COMMIT',
      ].join(' '),
    );
  } catch (error) {
    if (!isLockstepError(error, 'TARGET_LACKS_GRANT', 'TARGET_REFUSED')) throw error;
    const { database } = session.subject;
    throw new LockstepError(
      error.code,
      `role ${role} lets nobody in any more, and what it left in database ${database} cannot be handed to ${ownerRole}; ` +
        // Not REASSIGN: what nobody has made harmless would run as the owner role.
        `grant that role what it lacks there, or as an administrator run: DROP OWNED BY ${lease};`,
      { cause: error },
    );
  }
}

/**
 * A transaction that was prepared outlives its session and keeps its locks: whoever prepared it may undo it, and for that
 * the authority acts as the lease.
 */
async function undoPrepared(session: Session, role: string): Promise<void> {
  const prepared = await session.rows<{ readonly gid: string }>(
    `the look at transactions that role ${role} has prepared`,
    `${OWN_FUNCTIONS} SELECT gid FROM pg_prepared_xacts
      WHERE owner = ${escapeLiteral(role)} AND database = current_database()`,
  );
  for (const { gid } of prepared) {
    await session.run('the change to the role of the lease', `SET ROLE ${escapeIdentifier(role)}`);
    await session.run('the undoing of a prepared transaction', `ROLLBACK PREPARED ${escapeLiteral(gid)}`);
    await session.run('the change back', 'RESET ROLE');
  }
}
