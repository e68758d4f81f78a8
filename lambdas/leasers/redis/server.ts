import { LockstepError } from '../../core/errors.ts';
import type { Clock } from '../../core/time.ts';
import type { Session } from './connection.ts';
import type { Reply } from './resp.ts';

/**
 * Refuses a server whose users are not what leases need: before 7 a user cannot be told which keys it may only read, a
 * cluster's nodes have users each for itself, and a replica's are not its primary's.
 */
export function assertServer({ server, subject: { endpoint } }: Session): void {
  const at = `Redis at ${endpoint.host}:${endpoint.port}`;
  const version = text(server.get('version'));
  if (!(Number.parseInt(version, 10) >= 7)) {
    throw new LockstepError(
      'NOT_SUPPORTED',
      `${at} says that it is version ${/^[0-9.]{1,20}$/.test(version) ? version : 'unknown'}: leases need 7 or newer; upgrade it`,
    );
  }
  if (text(server.get('mode')) !== 'standalone') {
    throw new LockstepError(
      'NOT_SUPPORTED',
      `${at} is part of a cluster or watches others, and each of those has users of its own: leases need a server that ` +
        'stands alone',
    );
  }
  if (text(server.get('role')) === 'master') return;
  throw new LockstepError('TARGET_REFUSED', `${at} is a replica; declare the endpoint of the primary`);
}

const text = (reply: Reply | undefined): string => (typeof reply === 'string' ? reply : '');

/** How far the server's clock and ours may be apart, in milliseconds. */
const SKEW_MS = 60_000;

/**
 * The time by the server's clock, in milliseconds since 1970. Throws `TARGET_REFUSED` for one by which an issue would be
 * too late, or not, at another time than was said.
 *
 * @param askedAt when it was asked, by our clock
 */
export function timeOf(
  reply: Reply | undefined,
  { subject: { endpoint } }: Session,
  clock: Clock,
  askedAt: Date,
): number {
  const parts: readonly Reply[] = Array.isArray(reply) ? reply : [];
  const [seconds, microseconds] = parts.map(Number);
  const now = (seconds ?? NaN) * 1000 + (microseconds ?? NaN) / 1000;
  // While the process stood still between question and answer, the server's clock went on: that is no difference.
  if (now >= askedAt.getTime() - SKEW_MS && now <= clock().getTime() + SKEW_MS) return now;
  const apart = Math.round((now - askedAt.getTime()) / 1000);
  throw new LockstepError(
    'TARGET_REFUSED',
    `the clock of Redis at ${endpoint.host}:${endpoint.port} is ${Math.abs(apart)} s ${apart < 0 ? 'behind' : 'ahead'}: ` +
      'an issue that comes too late could not be told from others; set it right',
  );
}
