import { LockstepError } from '../../core/errors.ts';
import type { Clock } from '../../core/time.ts';
import type { LoginSubject } from './target-error.ts';

/**
 * Refuses a server whose users have no attribute, in which a lease is remembered: MySQL before 8.0.21, and MariaDB, whose
 * accounts are of another make.
 */
export function assertNewEnough(version: string, { endpoint: { host, port } }: LoginSubject): void {
  const [, major, minor, patch] = /^(\d+)\.(\d+)\.(\d+)/.exec(version)?.map(Number) ?? [];
  const isMariaDb = /mariadb/i.test(version);
  const isNew = [major ?? 0, minor ?? 0, patch ?? 0].reduce((sum, part) => sum * 1000 + part, 0) >= 8_000_021;
  if (!isMariaDb && isNew) return;
  const what = isMariaDb ? 'is MariaDB' : `is version ${major ?? '?'}.${minor ?? '?'}.${patch ?? '?'}`;
  throw new LockstepError(
    'NOT_SUPPORTED',
    `MySQL at ${host}:${port} ${what}: leases need MySQL 8.0.21 or newer, whose users remember what they are for`,
  );
}

/** How far the server's clock and ours may be apart, in milliseconds. */
const SKEW_MS = 60_000;

/**
 * Refuses a server by whose clock an issue would be too late, or not, at another time than was said.
 *
 * @param askedAt when it was asked, by our clock
 */
export function assertClock(
  now: number,
  { endpoint: { host, port } }: LoginSubject,
  clock: Clock,
  askedAt: Date,
): void {
  // While the process stood still between question and answer, the server's clock went on: that is no difference.
  if (now >= askedAt.getTime() - SKEW_MS && now <= clock().getTime() + SKEW_MS) return;
  const apart = Math.round((now - askedAt.getTime()) / 1000);
  throw new LockstepError(
    'TARGET_REFUSED',
    `the clock of MySQL at ${host}:${port} is ${Math.abs(apart)} s ${apart < 0 ? 'behind' : 'ahead'}: ` +
      'an issue that comes too late could not be told from others; set it right',
  );
}
