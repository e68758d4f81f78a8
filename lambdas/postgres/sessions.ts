import { LockstepError } from '../core/errors.ts';
import type { Session } from './connection.ts';
import { timeoutsOf, type PostgresPorts } from './ports.ts';

/** How often we look whether a session that was told to end has ended, and for how long. */
const LOOKS = 40;
const BETWEEN_LOOKS_MS = 50;

/** How many sessions a role has now. */
async function countSessions(session: Session, role: string): Promise<number> {
  const [row] = await session.query<{ readonly sessions: number }>(
    `the count of sessions of role ${role}`,
    'SELECT count(*)::int AS "sessions" FROM pg_stat_activity WHERE usename = $1 AND pid <> pg_backend_pid()',
    [role],
  );
  return row?.sessions ?? 0;
}

/**
 * The same, after the role was closed: looks again when a login that was let in just before the change has had
 * the time to show. PostgreSQL asks whether a role may log in before it lists the session.
 */
export async function countSlippedIn(session: Session, role: string, ports: PostgresPorts): Promise<number> {
  const atOnce = await countSessions(session, role);
  if (atOnce > 0) return atOnce;
  await ports.sleep(timeoutsOf(ports).settleMs);
  return countSessions(session, role);
}

/**
 * Ends every session of a role that can open no new one, and waits until they are gone, those that slipped
 * in included.
 *
 * @param named runs the statement that may lack a right, and names that right where it does
 */
export async function endSessions(
  session: Session,
  role: string,
  ports: PostgresPorts,
  named: (terminate: () => Promise<void>) => Promise<void> = (terminate) => terminate(),
): Promise<void> {
  for (let look = 0; look < LOOKS; look += 1) {
    if ((await countSlippedIn(session, role, ports)) === 0) return;
    await named(() => terminateAll(session, role));
    await ports.sleep(BETWEEN_LOOKS_MS);
  }
  throw new LockstepError(
    'TARGET_BUSY',
    `sessions of role ${role} were told to end and have not yet; it is tried again`,
  );
}

async function terminateAll(session: Session, role: string): Promise<void> {
  await session.query(
    `the end of the sessions of role ${role}`,
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1 AND pid <> pg_backend_pid()',
    [role],
  );
}
