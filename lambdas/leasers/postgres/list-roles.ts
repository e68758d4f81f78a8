import { escapeLiteral } from 'pg';
import { leaseIdIn } from '../../core/access/lease-id.ts';
import type { LeaseAtTarget, Leaser, LeaserRequest } from '../../core/ports/leaser.ts';
import { instant } from '../../core/time.ts';
import type { Session } from '../../postgres/connection.ts';
import type { PostgresPorts } from '../../postgres/ports.ts';
import { asAuthority } from './as-authority.ts';
import { clearGraves } from './graves.ts';
import { endOfPrefix, LEASE_PREFIX } from './lease-names.ts';
import { OWN_FUNCTIONS } from './lease-state.ts';
import { otherDeployments } from './other-deployments.ts';

interface RoleRow {
  readonly role: string;
  readonly validUntil: number | null;
}

/** Roles in one page. */
const PAGE = 500;

/**
 * Every role of a lease of this deployment on the server, whoever made it and whatever became of its authority: what
 * cannot be ended by it has to be seen all the same. Its name says whose it is, and nothing else does, since a comment can be
 * taken away. Graves are no leases; those whose time is over are cleared away.
 */
export function listRoles(
  ports: PostgresPorts,
  request: Omit<LeaserRequest, 'leaseId' | 'fence'>,
  after: string | undefined,
  page = PAGE,
): ReturnType<Leaser['listOurs']> {
  const { mark } = request;
  return asAuthority(ports, request, 'list', async (session) => {
    const rows = await ourRoles(session, `${LEASE_PREFIX}${mark}`, after ?? '', page);
    await clearGraves(session, mark);
    // One look is enough: it does not stop at the end of a page.
    const others = after === undefined ? await otherDeployments(session, mark) : [];
    const last = rows.at(-1)?.role;
    const leases = rows.map(leaseOf);
    return rows.length === page && last !== undefined ? { leases, next: last, others } : { leases, others };
  });
}

const ourRoles = (session: Session, ours: string, after: string, page: number): Promise<readonly RoleRow[]> =>
  session.rows<RoleRow>(
    'the list of leases',
    `${OWN_FUNCTIONS}
     SELECT rolname AS "role", extract(epoch FROM rolvaliduntil)::float8 * 1000 AS "validUntil"
       FROM pg_roles WHERE rolname >= ${escapeLiteral(ours)} AND rolname < ${escapeLiteral(endOfPrefix(ours))}
                       AND rolname > ${escapeLiteral(after)}
      ORDER BY rolname LIMIT ${page}`,
  );

function leaseOf({ role, validUntil }: RoleRow): LeaseAtTarget {
  const leaseId = leaseIdIn(LEASE_PREFIX, role);
  const ends = validUntil !== null && Number.isFinite(validUntil);
  return {
    key: role,
    ...(leaseId === undefined ? {} : { leaseId }),
    ...(ends ? { expiresAt: instant(new Date(validUntil)) } : {}),
  };
}
