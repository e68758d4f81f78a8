import type { RotatorRequest } from '../../core/ports/rotator.ts';
import { asItself } from './authority-install.ts';
import type { PostgresPorts } from '../../postgres/ports.ts';
import { postgresAuthorityTarget } from './target.ts';

/** No operation of ours lives so long: a session of the authority that is older belongs to somebody else. */
const OURS_END_WITHIN_SECONDS = 120;

/**
 * A change of password ends no session: whoever logged in with an old value is still in. Ends those that
 * cannot be ours; in a breach all but the one that does it, since our own work is simply tried again.
 */
export async function endOldSessions(
  ports: PostgresPorts,
  request: RotatorRequest,
  purpose: 'revoke' | 'stop',
): Promise<void> {
  const { role } = postgresAuthorityTarget(request.credential);
  const olderThanSeconds = purpose === 'stop' ? 0 : OURS_END_WITHIN_SECONDS;
  return asItself(ports, request, purpose, async (session) => {
    await session.query(
      `the end of old sessions of role ${role}`,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE usename = $1 AND pid <> pg_backend_pid()
          AND backend_start <= clock_timestamp() - make_interval(secs => $2)`,
      [role, olderThanSeconds],
    );
  });
}
