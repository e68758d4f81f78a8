import { escapeLiteral } from 'pg';
import { MARK_LENGTH } from '../../core/deployment-mark.ts';
import { OTHERS_AT_MOST } from '../../core/ports/leaser.ts';
import type { Session } from '../../postgres/connection.ts';
import { endOfPrefix, LEASE_PREFIX } from './lease-names.ts';
import { OWN_FUNCTIONS } from './lease-state.ts';

const LENGTH = LEASE_PREFIX.length + MARK_LENGTH;

/** Behind all names of one deployment, and in any case behind the last one: whoever made that may have called it anything. */
const BEYOND = `CASE WHEN length(seen.name) < ${LENGTH} THEN seen.name::name
                     ELSE greatest(seen.name::name, (left(seen.name, ${LENGTH}) || '~')::name) END`;

/** The first role of a lease from a name on; none: null. In the order of the index, which a cast inside would leave. */
const firstFrom = (condition: string): string =>
  `(SELECT rolname FROM pg_roles WHERE ${condition} AND rolname < ${escapeLiteral(endOfPrefix(LEASE_PREFIX))}
     ORDER BY rolname LIMIT 1)::text`;

/**
 * Whose leases the server has besides ours. From the first role of one deployment the index is asked for the first behind all of
 * that one, so it takes as many steps as there are deployments, however many leases they have.
 */
export async function otherDeployments(session: Session, mark: string): Promise<readonly string[]> {
  const rows = await session.rows<{ readonly beginning: string }>(
    'the look for leases of other deployments',
    `${OWN_FUNCTIONS}
     WITH RECURSIVE seen(name) AS (
       SELECT ${firstFrom(`rolname >= ${escapeLiteral(LEASE_PREFIX)}`)}
       UNION ALL
       SELECT ${firstFrom(`rolname > ${BEYOND}`)}
         FROM seen WHERE seen.name IS NOT NULL)
     SELECT substr(name, ${LEASE_PREFIX.length + 1}, ${MARK_LENGTH}) AS "beginning"
       FROM seen WHERE name IS NOT NULL LIMIT ${OTHERS_AT_MOST + 1}`,
  );
  const others = new Set(rows.map(({ beginning }) => beginning).filter((beginning) => beginning !== mark));
  return [...others].slice(0, OTHERS_AT_MOST);
}
