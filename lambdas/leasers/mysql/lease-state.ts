import { LockstepError } from '../../core/errors.ts';
import type { LeaserRequest } from '../../core/ports/leaser.ts';
import { seconds, type Row, type Session } from './connection.ts';
import { memoryIn, type LeaseMemory } from './lease-memory.ts';
import { userOf } from './lease-names.ts';
import { timeoutsOf, type MysqlLeaserPorts } from './ports.ts';
import { assertClock, assertNewEnough } from './server.ts';
import { quoted, type Account } from './sql-text.ts';
import { leaseTargetOf } from './target.ts';

/** What the server has of a lease. */
export interface LeaseState {
  /** By the server's clock, in milliseconds since 1970. */
  readonly now: number;
  /** Its user, where there is one. */
  readonly user?: {
    readonly account: Account;
    readonly isLocked: boolean;
    readonly memory: LeaseMemory | undefined;
  };
}

/**
 * Takes the lock on a lease, which this session holds until it ends: two changes of one lease come one after the other,
 * and each sees what the one before has left. MySQL has no transaction around statements that change accounts.
 */
export async function lockLease(
  ports: MysqlLeaserPorts,
  session: Session,
  { leaseId }: LeaserRequest,
): Promise<void> {
  const user = userOf(leaseId);
  const [row] = await session.rows(
    `the lock on user ${user}`,
    `SELECT GET_LOCK(${quoted(`lockstep ${user}`)}, ${seconds(timeoutsOf(ports).lockMs)}) AS got`,
  );
  if (Number(row?.['got'] ?? 0) === 1) return;
  const { host, port } = session.subject.endpoint;
  throw new LockstepError(
    'TARGET_BUSY',
    `MySQL at ${host}:${port} is changing user ${user} for somebody else; it is tried again`,
  );
}

/**
 * Looks at a lease. Its user is looked for by its whole account; by its name alone, which takes longer the more users there
 * are, where somebody may have been given it before the inventory changed.
 */
export async function lookAt(
  ports: MysqlLeaserPorts,
  session: Session,
  { leaseId, leasable }: LeaserRequest,
  where: 'here' | 'anywhere' = 'here',
): Promise<LeaseState> {
  const host = quoted(leaseTargetOf(leasable).from);
  const askedAt = ports.clock();
  const row = await lookFor(session, leaseId, `AND u.Host = ${host}`);
  const now = Number(row?.['now'] ?? Number.NaN);
  assertNewEnough(String(row?.['version'] ?? ''), session.subject);
  assertClock(now, session.subject, ports.clock, askedAt);
  const user =
    userIn(row) ?? (where === 'anywhere' ? userIn(await lookFor(session, leaseId, '')) : undefined);
  return user ? { now, user } : { now };
}

async function lookFor(session: Session, leaseId: string, hosts: string): Promise<Row | undefined> {
  const user = userOf(leaseId);
  const [row] = await session.rows(
    `the look at user ${user}`,
    `SELECT UNIX_TIMESTAMP(NOW(6)) * 1000 AS now, VERSION() AS version,
            u.User AS user, u.Host AS host, u.account_locked AS locked, a.ATTRIBUTE AS attribute
       FROM (SELECT 1) one
       LEFT JOIN mysql.user u ON u.User = ${quoted(user)} ${hosts}
       LEFT JOIN information_schema.USER_ATTRIBUTES a ON a.USER = u.User AND a.HOST = u.Host LIMIT 1`,
  );
  return row;
}

function userIn(row: Row | undefined): LeaseState['user'] {
  const [user, host] = [row?.['user'], row?.['host']];
  if (typeof user !== 'string' || typeof host !== 'string') return undefined;
  return {
    account: { user, host },
    isLocked: row?.['locked'] === 'Y',
    memory: memoryIn(row?.['attribute']),
  };
}
