import { leaseIdIn, markIn } from '../../core/access/lease-id.ts';
import {
  OTHERS_AT_MOST,
  type LeaseAtTarget,
  type Leaser,
  type LeaserRequest,
} from '../../core/ports/leaser.ts';
import { asAuthority } from './as-authority.ts';
import { LEASE_PREFIX } from './lease-names.ts';
import type { RedisLeaserPorts } from './ports.ts';

/** Users in one page. */
const PAGE = 500;

/**
 * Every user of a lease of this deployment, and what carries its mark and no lease. Redis gives all its users at once, so a
 * page is cut here: what crosses to the server is the same whatever its size.
 */
export function listUsers(
  ports: RedisLeaserPorts,
  request: Omit<LeaserRequest, 'leaseId' | 'fence'>,
  after: string | undefined,
): ReturnType<Leaser['listOurs']> {
  const size = ports.pageSize ?? PAGE;
  const prefix = `${LEASE_PREFIX}${request.mark}`;
  return asAuthority(ports, request, async (session) => {
    const [users] = await session.ask('the list of users', [['ACL', 'USERS']]);
    const names: readonly unknown[] = Array.isArray(users) ? users : [];
    const all = names
      .filter((name) => typeof name === 'string')
      .filter((name) => name.startsWith(LEASE_PREFIX));
    const ours = all
      .filter((name) => name.startsWith(prefix) && (after === undefined || name > after))
      .toSorted(byCode);
    const page = ours.slice(0, size);
    const last = page.at(-1);
    const listed = { leases: page.map(leaseOf), others: othersIn(all, prefix) };
    return ours.length > size && last !== undefined ? { ...listed, next: last } : listed;
  });
}

function leaseOf(key: string): LeaseAtTarget {
  const leaseId = leaseIdIn(LEASE_PREFIX, key);
  return leaseId === undefined ? { key } : { key, leaseId };
}

function othersIn(names: readonly string[], prefix: string): readonly string[] {
  const others = names.filter((name) => !name.startsWith(prefix));
  return [...new Set(others.map((name) => markIn(LEASE_PREFIX, name)))].slice(0, OTHERS_AT_MOST);
}

/** As `after` compares: by code units, whatever the machine's language is. */
const byCode = (one: string, other: string): number => (one < other ? -1 : 1);
