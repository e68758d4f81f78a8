import { escapeLiteral } from 'pg';
import type { Session } from './connection.ts';
import type { PostgresTimeouts } from './ports.ts';

/**
 * The beginning of a transaction that holds the lock on a role: two changes of one role come one after the
 * other, and each sees what the one before has left.
 *
 * The timeouts belong to the transaction, not to the login: a pooler in between refuses unknown ones there. A
 * transaction that stands still is undone by the server, so a process that was frozen in the middle holds
 * nobody up and has no late effect.
 */
export const lockedBeginning = (role: string, { statementMs, lockMs }: PostgresTimeouts): string =>
  `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
   SET LOCAL statement_timeout = ${Math.round(statementMs)};
   SET LOCAL lock_timeout = ${Math.round(lockMs)};
   SET LOCAL idle_in_transaction_session_timeout = ${Math.round(statementMs)};
   SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(${escapeLiteral(`lockstep role ${role}`)}, 0))`;

/** Runs `work` in one transaction that holds the lock on a role. Anything thrown undoes it. */
export async function inTransaction<T>(
  session: Session,
  role: string,
  timeouts: PostgresTimeouts,
  work: () => Promise<T>,
): Promise<T> {
  await session.run(`the lock on role ${role}`, lockedBeginning(role, timeouts));
  try {
    const result = await work();
    await session.run('the commit', 'COMMIT');
    return result;
  } catch (error) {
    // After a lost connection there is nothing to undo and nobody to ask.
    await session.run('the undoing', 'ROLLBACK').catch(() => undefined);
    throw error;
  }
}
