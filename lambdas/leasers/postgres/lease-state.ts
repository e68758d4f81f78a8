import { escapeLiteral } from 'pg';
import { LockstepError } from '../../core/errors.ts';
import type { Clock } from '../../core/time.ts';
import type { LoginSubject } from '../../postgres/target-error.ts';
import { graveOf, roleOf } from './lease-names.ts';
import { memoryIn, type LeaseMemory } from './lease-memory.ts';

/** What the server has of a lease. */
export interface LeaseState {
  /** By the server's clock, in milliseconds since 1970. */
  readonly now: number;
  /** Its role, where there is one. */
  readonly role?: {
    readonly canLogin: boolean;
    /** When the server lets nobody in any more, in milliseconds; `Infinity` for never. */
    readonly validUntil: number;
    readonly memory: LeaseMemory | undefined;
    /** Roles that the authority itself has granted to it. */
    readonly granted: readonly string[];
  };
  /** It has ended, and is remembered for that. */
  readonly isBuried: boolean;
}

interface StateRow {
  readonly version: number;
  readonly now: number;
  readonly canLogin: boolean | null;
  readonly validUntil: number | null;
  readonly comment: string | null;
  readonly granted: readonly string[];
  readonly isBuried: boolean;
}

/** Names of functions mean PostgreSQL's own, whatever anybody has put before them. */
export const OWN_FUNCTIONS = 'SET search_path = pg_catalog, pg_temp;';

/** The statement that looks; one row. */
export const lookAt = (leaseId: string): string =>
  `SELECT current_setting('server_version_num')::int AS "version",
          extract(epoch FROM clock_timestamp())::float8 * 1000 AS "now",
          l.rolcanlogin AS "canLogin", extract(epoch FROM l.rolvaliduntil)::float8 * 1000 AS "validUntil",
          shobj_description(l.oid, 'pg_authid') AS "comment",
          (SELECT coalesce(json_agg(g.rolname), '[]') FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
            WHERE m.member = l.oid AND m.grantor = current_user::regrole) AS "granted",
          x.oid IS NOT NULL AS "isBuried"
     FROM (VALUES (1)) one LEFT JOIN pg_roles l ON l.rolname = ${escapeLiteral(roleOf(leaseId))}
          LEFT JOIN pg_roles x ON x.rolname = ${escapeLiteral(graveOf(leaseId))}`;

/** How far the server's clock and ours may be apart, in milliseconds. */
const SKEW_MS = 60_000;

/**
 * What the statement saw. Throws `NOT_SUPPORTED` for a server before 16, and `TARGET_REFUSED` for one whose clock would
 * end leases at another time than was said.
 *
 * @param askedAt when it was asked, by our clock
 */
export function readState(
  row: StateRow | undefined,
  subject: LoginSubject,
  clock: Clock,
  askedAt: Date,
): LeaseState {
  const { host, port } = subject.endpoint;
  if (!row)
    throw new LockstepError(
      'TARGET_REFUSED',
      `PostgreSQL at ${host}:${port} did not say what it has of a lease`,
    );
  assertNewEnough(row.version, subject);
  // While the process stood still between question and answer, the server's clock went on: that is no difference.
  const [earliest, latest] = [askedAt.getTime() - SKEW_MS, clock().getTime() + SKEW_MS];
  if (row.now < earliest || row.now > latest) {
    const seconds = Math.round((row.now - askedAt.getTime()) / 1000);
    throw new LockstepError(
      'TARGET_REFUSED',
      `the clock of PostgreSQL at ${host}:${port} is ${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead'}: ` +
        'leases would end at another time than was said; set it right',
    );
  }
  const { now, isBuried, canLogin, validUntil, comment, granted } = row;
  if (canLogin === null) return { now, isBuried };
  return {
    now,
    isBuried,
    role: { canLogin, validUntil: validUntil ?? Infinity, memory: memoryIn(comment), granted },
  };
}

/**
 * Before 16 whoever has CREATEROLE may change every role that is no superuser, the slots of rotated credentials
 * included, and grants know neither INHERIT nor SET (https://www.postgresql.org/docs/16/release-16.html).
 */
export function assertNewEnough(version: number, { endpoint: { host, port } }: LoginSubject): void {
  if (version >= 160_000) return;
  throw new LockstepError(
    'NOT_SUPPORTED',
    `PostgreSQL at ${host}:${port} is version ${Math.floor(version / 10_000)}: leases need 16 or newer, since before that ` +
      'a role that makes roles could also change those that are rotated; upgrade the server',
  );
}
