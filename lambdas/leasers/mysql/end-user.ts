import { LockstepError } from '../../core/errors.ts';
import { ISSUE_WITHIN_SECONDS, type LeaserRequest } from '../../core/ports/leaser.ts';
import { newPassword } from '../../servers/new-password.ts';
import { asAuthority } from './as-authority.ts';
import { passwordVerifier } from './caching-sha2.ts';
import type { Session } from './connection.ts';
import { identifiedBy } from './issue-user.ts';
import { attributeOf, type LeaseMemory } from './lease-memory.ts';
import { userOf } from './lease-names.ts';
import { lockLease, lookAt, type LeaseState } from './lease-state.ts';
import { timeoutsOf, type MysqlLeaserPorts } from './ports.ts';
import { account, quoted, type Account } from './sql-text.ts';
import { errorNumber } from './target-error.ts';
import { leaseTargetOf } from './target.ts';

/** How long an end is remembered: as long as an issue could still come, and twice as long again for clocks that differ. */
const REMEMBERED_SECONDS = 3 * ISSUE_WITHIN_SECONDS;

/**
 * Ends a lease for good, in the order in which a crash does the least harm:
 *
 * 1. its user is locked and has another password, which nobody knows: nobody gets in, and that is remembered;
 * 2. its roles are taken from it: what runs in its name has no rights any more;
 * 3. its sessions are ended.
 *
 * The user stays until no issue can come any more, and is dropped then (`list-users.ts`). Nothing of it there: a locked
 * one is made all the same, because an issue whose answer was lost may still be on its way.
 */
export async function endUser(ports: MysqlLeaserPorts, request: LeaserRequest): Promise<void> {
  await asAuthority(ports, request, async (session) => {
    await lockLease(ports, session, request);
    const state = await lookAt(ports, session, request, 'anywhere');
    const user = userOf(request.leaseId);
    const named = state.user?.account ?? { user, host: leaseTargetOf(request.leasable).from };
    const login = identifiedBy(passwordVerifier(newPassword(ports.randomBytes), ports.randomBytes));
    await session.run(
      `the locking of user ${user}`,
      `${state.user ? 'ALTER' : 'CREATE'} USER ${account(named)} ${login} ACCOUNT LOCK ` +
        `ATTRIBUTE ${quoted(attributeOf(endedMemory(request, state)))}`,
    );
    if (!state.user) return;
    await takeRoles(session, named);
    await endSessions(ports, session, user);
  });
}

function endedMemory(request: LeaserRequest, { user, now }: LeaseState): LeaseMemory {
  const { environment, leasable, fence } = request;
  const memory = user?.memory ?? {
    environment,
    leasable: leasable.name,
    holder: 'unknown',
    purpose: 'unknown',
  };
  return {
    ...memory,
    fence: Math.max(fence, user?.memory?.fence ?? 0),
    ended: true,
    until: Math.round(now + REMEMBERED_SECONDS * 1000),
  };
}

/** Those that it has, not those that are declared: an inventory may have changed since. */
async function takeRoles(session: Session, named: Account): Promise<void> {
  const edges = await session.rows(
    `the look at the roles of user ${named.user}`,
    `SELECT FROM_USER AS user, FROM_HOST AS host FROM mysql.role_edges
      WHERE TO_USER = ${quoted(named.user)} AND TO_HOST = ${quoted(named.host)}`,
  );
  const roles = edges.map(({ user, host }) => account({ user: String(user), host: String(host) }));
  if (roles.length === 0) return;
  await session.run(
    `the taking of roles from user ${named.user}`,
    `REVOKE ${roles.join(', ')} FROM ${account(named)}`,
  );
}

/** How often we look whether a session that was told to end has ended, and how long between two looks. */
const LOOKS = 40;
const BETWEEN_LOOKS_MS = 50;

async function endSessions(ports: MysqlLeaserPorts, session: Session, user: string): Promise<void> {
  for (let look = 0; look < LOOKS; look += 1) {
    const open = await slippedIn(ports, session, user);
    if (open.length === 0) return;
    for (const id of open) await kill(session, user, id);
    await ports.sleep(BETWEEN_LOOKS_MS);
  }
  throw new LockstepError(
    'TARGET_BUSY',
    `sessions of user ${user} were told to end and have not yet; it is tried again`,
  );
}

/** Looks again when a login that was let in just before the lock has had the time to show. */
async function slippedIn(
  ports: MysqlLeaserPorts,
  session: Session,
  user: string,
): Promise<readonly number[]> {
  const atOnce = await sessionsOf(session, user);
  if (atOnce.length > 0) return atOnce;
  await ports.sleep(timeoutsOf(ports).settleMs);
  return sessionsOf(session, user);
}

/** The sessions of a user. */
export async function sessionsOf(session: Session, user: string): Promise<readonly number[]> {
  const rows = await session.rows(
    `the look at the sessions of user ${user}`,
    `SELECT ID AS id FROM information_schema.PROCESSLIST WHERE USER = ${quoted(user)}`,
  );
  return rows.map(({ id }) => Number(id));
}

async function kill(session: Session, user: string, id: number): Promise<void> {
  try {
    await session.run(`the end of a session of user ${user}`, `KILL CONNECTION ${Math.trunc(id)}`);
  } catch (error) {
    // It has ended by itself meanwhile.
    if (!(error instanceof LockstepError) || errorNumber(error.cause) !== 1094) throw error;
  }
}
