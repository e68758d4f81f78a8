import { isLeaseOf, markIn } from '../../core/access/lease-id.ts';

/** What one lease, or the tombstone of one, is called among the service accounts of a project. */
export interface LeaseName {
  readonly leaseId: string;
  /** The fence that its key was made under; absent on a tombstone: the lease has ended. */
  readonly fence?: number;
}

/** How the names of all leases begin, whichever deployment made them. */
const EVERY_LEASE = 'lockstep-lease/';

/** How the names begin that are given for one leasable; no other leasable's of an environment, and no credential's, begins so. */
export const leasePrefix = (environment: string, leasable: string): string =>
  `${EVERY_LEASE}${environment}/${leasable}/`;

/** What a lease is called at the provider: the beginning of the name of every service account that it ever has. */
export const leaseKey = (prefix: string, leaseId: string): string => `${prefix}${leaseId}`;

/** The name of the service account that a key is made with. Names are how one whose answer was lost is found again. */
export const accountName = (prefix: string, leaseId: string, fence: number): string =>
  `${leaseKey(prefix, leaseId)}/${fence}`;

/** The name of the service account without a key that says that a lease has ended. */
export const tombstoneName = (prefix: string, leaseId: string): string =>
  `${leaseKey(prefix, leaseId)}/ended`;

/** What a name says; `undefined` where it is not one that this deployment gives for the leasable. */
export function nameIn(name: string, prefix: string, mark: string): LeaseName | undefined {
  if (!name.startsWith(prefix)) return undefined;
  const [leaseId = '', state = '', ...more] = name.slice(prefix.length).split('/');
  if (!isLeaseOf(mark, leaseId) || more.length > 0) return undefined;
  if (state === 'ended') return { leaseId };
  return /^\d{1,15}$/.test(state) ? { leaseId, fence: Number(state) } : undefined;
}

/** The mark of the other deployment whose lease a name is, of whatever leasable; `undefined` for every other name. */
export function otherMarkIn(name: string, mark: string): string | undefined {
  const [, , , leaseId = ''] = name.startsWith(EVERY_LEASE) ? name.split('/') : [];
  return leaseId === '' || leaseId.startsWith(mark) ? undefined : markIn('', leaseId);
}
