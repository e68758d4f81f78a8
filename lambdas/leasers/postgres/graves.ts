import { escapeIdentifier, escapeLiteral } from 'pg';
import { ISSUE_WITHIN_SECONDS } from '../../core/ports/leaser.ts';
import { instant } from '../../core/time.ts';
import type { Session } from '../../postgres/connection.ts';
import { endOfPrefix, GRAVE_PREFIX, graveOf, roleOf } from './lease-names.ts';

/**
 * How long an end is remembered at the server, in seconds: as long as an issue that was asked for before could still
 * come, and twice as long again for clocks that differ.
 */
const GRAVE_SECONDS = 3 * ISSUE_WITHIN_SECONDS;

/** How many graves are cleared away at a time: an end must not take longer because others went before. */
const CLEARED_AT_ONCE = 16;

const until = (now: number): string => escapeLiteral(instant(new Date(now + GRAVE_SECONDS * 1000)));

/** Statements that remember the end of a lease that was never made. */
export const newGrave = (leaseId: string, now: number): readonly string[] => [
  `CREATE ROLE ${escapeIdentifier(graveOf(leaseId))} NOLOGIN VALID UNTIL ${until(now)}`,
];

/** Statements that turn the role of a lease that has ended into its grave. It keeps its comment. */
export const turnedIntoGrave = (leaseId: string, now: number): readonly string[] => {
  const [lease, grave] = [escapeIdentifier(roleOf(leaseId)), escapeIdentifier(graveOf(leaseId))];
  return [
    `REVOKE ${lease} FROM CURRENT_USER GRANTED BY CURRENT_USER`,
    `ALTER ROLE ${lease} RENAME TO ${grave}`,
    `ALTER ROLE ${grave} VALID UNTIL ${until(now)}`,
  ];
};

/**
 * Drops graves of this deployment whose time is over: a few, in one statement, and never two at once. What cannot be dropped
 * is passed over, because somebody may have granted something to it, and an end must not fail for that.
 */
export function clearGraves(session: Session, mark: string): Promise<void> {
  const ours = `${GRAVE_PREFIX}${mark}`;
  return session.run(
    'the clearing of graves',
    `DO $graves$ DECLARE grave name; BEGIN
       IF NOT pg_catalog.pg_try_advisory_xact_lock(
         pg_catalog.hashtextextended(${escapeLiteral(`lockstep graves ${mark}`)}, 0)) THEN RETURN; END IF;
       FOR grave IN SELECT r.rolname FROM pg_catalog.pg_roles r
            WHERE r.rolname >= ${escapeLiteral(ours)} AND r.rolname < ${escapeLiteral(endOfPrefix(ours))}
              AND r.rolvaliduntil < pg_catalog.clock_timestamp() AND NOT r.rolcanlogin
            LIMIT ${CLEARED_AT_ONCE} LOOP
         BEGIN EXECUTE pg_catalog.format('DROP ROLE %I', grave); EXCEPTION WHEN OTHERS THEN NULL; END;
       END LOOP;
     END $graves$`,
  );
}
