import { escapeLiteral } from 'pg';
import type { LeaseAtTarget, Leaser, LeaserRequest } from '../../core/ports/leaser.ts';
import { instant } from '../../core/time.ts';
import type { PostgresPorts } from '../../postgres/ports.ts';
import { asAuthority } from './as-authority.ts';
import { clearGraves } from './graves.ts';
import { endOfPrefix, leaseIdOf, LEASE_PREFIX } from './lease-names.ts';
import { memoryIn } from './lease-memory.ts';
import { OWN_FUNCTIONS } from './lease-state.ts';

interface RoleRow {
  readonly role: string;
  readonly validUntil: number | null;
  readonly comment: string | null;
}

/** Roles in one page. */
const PAGE = 500;

/**
 * Every role of a lease of this environment on the server, whoever made it and whatever became of its authority: what
 * cannot be ended by it has to be seen all the same. Graves are no leases; those whose time is over are cleared away.
 */
export function listRoles(
  ports: PostgresPorts,
  request: Omit<LeaserRequest, 'leaseId' | 'fence'>,
  after: string | undefined,
  page = PAGE,
): ReturnType<Leaser['listOurs']> {
  return asAuthority(ports, request, 'list', async (session) => {
    const rows = await session.rows<RoleRow>(
      'the list of leases',
      `${OWN_FUNCTIONS}
       SELECT rolname AS "role", extract(epoch FROM rolvaliduntil)::float8 * 1000 AS "validUntil",
              shobj_description(oid, 'pg_authid') AS "comment"
         FROM pg_roles WHERE rolname >= ${escapeLiteral(LEASE_PREFIX)} AND rolname < ${escapeLiteral(endOfPrefix(LEASE_PREFIX))}
                         AND rolname > ${escapeLiteral(after ?? '')}
        ORDER BY rolname LIMIT ${page}`,
    );
    await clearGraves(session);
    const last = rows.at(-1)?.role;
    const leases = rows.flatMap((row) => leaseOf(row, request.environment));
    return rows.length === page && last !== undefined ? { leases, next: last } : { leases };
  });
}

/** One of another environment at the same server is that environment's to end. */
function leaseOf({ role, validUntil, comment }: RoleRow, environment: string): readonly LeaseAtTarget[] {
  if ((memoryIn(comment)?.environment ?? environment) !== environment) return [];
  const leaseId = leaseIdOf(role);
  const ends = validUntil !== null && Number.isFinite(validUntil);
  return [
    {
      key: role,
      ...(leaseId === undefined ? {} : { leaseId }),
      ...(ends ? { expiresAt: instant(new Date(validUntil)) } : {}),
    },
  ];
}
