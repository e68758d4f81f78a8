import { isLockstepError } from '../../core/errors.ts';
import type { LeaserRequest } from '../../core/ports/leaser.ts';
import { newPassword } from '../../servers/new-password.ts';
import { authorityOf } from '../../servers/authority-of.ts';
import { asAuthority } from './as-authority.ts';
import { withConnection } from './connection.ts';
import { sessionsOf } from './end-user.ts';
import { userOf } from './lease-names.ts';
import { lookAt } from './lease-state.ts';
import type { MysqlLeaserPorts } from './ports.ts';
import { authorityTargetOf } from './target.ts';

/**
 * Whether the server refuses a lease: its user is not there, or locked, nobody is in by it, and a login as it is turned
 * away. Nobody has its password any more, so the attempt is made with another one.
 */
export async function isUserRefused(
  ports: MysqlLeaserPorts,
  request: LeaserRequest,
): Promise<'refused' | 'accepted' | 'unknown'> {
  const user = userOf(request.leaseId);
  const { endpoint } = authorityTargetOf(authorityOf(request).declared);
  try {
    const isOpen = await asAuthority(ports, request, async (session) => {
      const state = await lookAt(ports, session, request, 'anywhere');
      if (state.user && !state.user.isLocked) return true;
      return (await sessionsOf(session, user)).length > 0;
    });
    if (isOpen) return 'accepted';
    const password = newPassword(ports.randomBytes);
    await withConnection(ports, { endpoint, user, password }, () => Promise.resolve());
    return 'accepted';
  } catch (error) {
    if (isLockstepError(error, 'TARGET_REFUSES_LOGIN')) return 'refused';
    if (isLockstepError(error, 'TARGET_UNREACHABLE', 'TARGET_BUSY')) return 'unknown';
    throw error;
  }
}
