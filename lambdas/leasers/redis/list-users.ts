import type { Leaser, LeaserRequest } from '../../core/ports/leaser.ts';
import { asAuthority } from './as-authority.ts';
import { LEASE_PREFIX, leaseOf } from './lease-names.ts';
import type { RedisLeaserPorts } from './ports.ts';

/** Users in one page. */
const PAGE = 500;

/**
 * Every user of a lease of this environment, and those that carry our mark and no lease. Redis gives all its users at
 * once, so a page is cut here: what crosses to the server is the same whatever its size.
 */
export function listUsers(
  ports: RedisLeaserPorts,
  request: Omit<LeaserRequest, 'leaseId' | 'fence'>,
  after: string | undefined,
): ReturnType<Leaser['listOurs']> {
  const size = ports.pageSize ?? PAGE;
  return asAuthority(ports, request, async (session) => {
    const [users] = await session.ask('the list of users', [['ACL', 'USERS']]);
    const names: readonly unknown[] = Array.isArray(users) ? users : [];
    const ours = names
      .filter((name) => typeof name === 'string')
      .filter((name) => name.startsWith(LEASE_PREFIX) && isHere(name, request.environment))
      .filter((name) => after === undefined || name > after)
      .toSorted(byCode);
    const page = ours.slice(0, size);
    const leases = page.map((key) => {
      const lease = leaseOf(key);
      return lease ? { key, leaseId: lease.leaseId } : { key };
    });
    const last = page.at(-1);
    return ours.length > size && last !== undefined ? { leases, next: last } : { leases };
  });
}

/** One of another environment at the same server is that environment's to end. */
const isHere = (name: string, environment: string): boolean =>
  (leaseOf(name)?.environment ?? environment) === environment;

/** As `after` compares: by code units, whatever the machine's language is. */
const byCode = (one: string, other: string): number => (one < other ? -1 : 1);
