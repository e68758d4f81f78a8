import { leaseIdIn } from '../../core/access/lease-id.ts';
import { MARK_LENGTH } from '../../core/deployment-mark.ts';
import { isLockstepError } from '../../core/errors.ts';
import {
  OTHERS_AT_MOST,
  type LeaseAtTarget,
  type Leaser,
  type LeaserRequest,
} from '../../core/ports/leaser.ts';
import { asAuthority } from './as-authority.ts';
import type { Session } from './connection.ts';
import { LEASE_PATTERN, LEASE_PREFIX, ourPattern } from './lease-names.ts';
import type { MysqlLeaserPorts } from './ports.ts';
import { account, quoted } from './sql-text.ts';

/** Users in one page. */
const PAGE = 500;

/** How many that have ended are dropped with a page: a list must not take longer because others went before. */
const DROPPED_AT_ONCE = 100;

const HAS_ENDED = `JSON_UNQUOTE(JSON_EXTRACT(a.ATTRIBUTE, '$.lockstep.ended')) = 'true'`;
const UNTIL = `CAST(JSON_UNQUOTE(JSON_EXTRACT(a.ATTRIBUTE, '$.lockstep.until')) AS UNSIGNED)`;
const WITH_ATTRIBUTE = `FROM mysql.user u LEFT JOIN information_schema.USER_ATTRIBUTES a ON a.USER = u.User AND a.HOST = u.Host`;

/**
 * Every user of a lease of this deployment that has not ended, whoever made it; what cannot be read in its attribute is
 * listed all the same. Those that have ended, and that no issue can follow any more, are dropped.
 */
export function listUsers(
  ports: MysqlLeaserPorts,
  request: Omit<LeaserRequest, 'leaseId' | 'fence'>,
  after: string | undefined,
): ReturnType<Leaser['listOurs']> {
  const size = ports.pageSize ?? PAGE;
  const { mark } = request;
  return asAuthority(ports, request, async (session) => {
    const rows = await session.rows(
      'the list of leases',
      `SELECT DISTINCT u.User AS user ${WITH_ATTRIBUTE}
        WHERE u.User LIKE ${ourPattern(mark)} AND u.User > ${quoted(after ?? '')} AND COALESCE(${HAS_ENDED}, FALSE) = FALSE
        ORDER BY u.User LIMIT ${Math.trunc(size)}`,
    );
    await dropEnded(session, mark);
    // One look is enough: it does not stop at the end of a page.
    const others = after === undefined ? await otherDeployments(session, mark) : [];
    const last = rows.at(-1)?.['user'];
    const leases = rows.map(({ user }) => leaseOf(String(user)));
    return rows.length === size && typeof last === 'string'
      ? { leases, next: last, others }
      : { leases, others };
  });
}

function leaseOf(key: string): LeaseAtTarget {
  const leaseId = leaseIdIn(LEASE_PREFIX, key);
  return leaseId === undefined ? { key } : { key, leaseId };
}

async function otherDeployments(session: Session, mark: string): Promise<readonly string[]> {
  const rows = await session.rows(
    'the look for leases of other deployments',
    `SELECT DISTINCT SUBSTRING(User, ${LEASE_PREFIX.length + 1}, ${MARK_LENGTH}) AS beginning FROM mysql.user
      WHERE User LIKE ${LEASE_PATTERN} AND User NOT LIKE ${ourPattern(mark)} LIMIT ${OTHERS_AT_MOST}`,
  );
  return rows.map(({ beginning }) => String(beginning));
}

/** In no order, so that those which cannot be dropped do not stand before the others. */
async function dropEnded(session: Session, mark: string): Promise<void> {
  const rows = await session.rows(
    'the look at leases that have ended',
    `SELECT u.User AS user, u.Host AS host ${WITH_ATTRIBUTE}
      WHERE u.User LIKE ${ourPattern(mark)} AND u.account_locked = 'Y' AND ${HAS_ENDED} AND ${UNTIL} < UNIX_TIMESTAMP() * 1000
      ORDER BY RAND() LIMIT ${DROPPED_AT_ONCE}`,
  );
  for (const { user, host } of rows) await drop(session, String(user), String(host));
}

async function drop(session: Session, user: string, host: string): Promise<void> {
  try {
    await session.run(`the dropping of user ${user}`, `DROP USER IF EXISTS ${account({ user, host })}`);
  } catch (error) {
    // One that defined views or routines stays, locked and without rights, until somebody has dropped those.
    if (!isLockstepError(error, 'TARGET_REFUSED', 'TARGET_LACKS_GRANT')) throw error;
  }
}
