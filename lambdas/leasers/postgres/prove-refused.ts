import { isLockstepError } from '../../core/errors.ts';
import type { LeaserRequest } from '../../core/ports/leaser.ts';
import { withConnection } from '../../postgres/connection.ts';
import type { PostgresPorts } from '../../postgres/ports.ts';
import { newPassword } from '../../servers/new-password.ts';
import { authorityOf } from '../../servers/authority-of.ts';
import { asAuthority } from './as-authority.ts';
import { roleOf } from './lease-names.ts';
import { lookAt, OWN_FUNCTIONS, readState } from './lease-state.ts';
import { authorityTargetOf, leaseTargetOf } from './target.ts';

/**
 * Whether the server refuses a lease: its role is not there, or closed, nobody is in by it, and a login as it is turned
 * away. Nobody has its password any more, so the attempt is made with another one: what it shows is that this server
 * lets nobody in without, which no table would.
 */
export async function isRoleRefused(
  ports: PostgresPorts,
  request: LeaserRequest,
): Promise<'refused' | 'accepted' | 'unknown'> {
  try {
    const seen = await asAuthority(ports, request, 'end', async (session) => {
      const askedAt = ports.clock();
      const [row] = await session.rows<NonNullable<Parameters<typeof readState>[0]>>(
        `the look at role ${roleOf(request.leaseId)}`,
        `${OWN_FUNCTIONS} ${lookAt(request.leaseId)}`,
      );
      const [count] = await session.query<{ readonly sessions: number }>(
        `the count of its sessions`,
        'SELECT count(*)::int AS "sessions" FROM pg_stat_activity WHERE usename = $1',
        [roleOf(request.leaseId)],
      );
      return { state: readState(row, session.subject, ports.clock, askedAt), sessions: count?.sessions ?? 0 };
    });
    const { role, now } = seen.state;
    if (seen.sessions > 0 || (role?.canLogin === true && role.validUntil > now)) return 'accepted';
    return await isLetIn(ports, request);
  } catch (error) {
    if (isLockstepError(error, 'TARGET_UNREACHABLE', 'TARGET_BUSY')) return 'unknown';
    throw error;
  }
}

async function isLetIn(
  ports: PostgresPorts,
  request: LeaserRequest,
): Promise<'refused' | 'accepted' | 'unknown'> {
  const { endpoint } = authorityTargetOf(authorityOf(request).declared);
  const { database } = leaseTargetOf(request.leasable);
  const login = {
    endpoint,
    database,
    role: roleOf(request.leaseId),
    password: newPassword(ports.randomBytes),
  };
  try {
    await withConnection(ports, login, 'prove-refused', () => Promise.resolve());
    return 'accepted';
  } catch (error) {
    if (isLockstepError(error, 'TARGET_REFUSES_LOGIN')) return 'refused';
    if (isLockstepError(error)) return 'unknown';
    throw error;
  }
}
