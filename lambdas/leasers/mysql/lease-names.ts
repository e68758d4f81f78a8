/** How every user of a lease begins: with the id that makes MySQL's 32 characters exactly. */
export const LEASE_PREFIX = 'lease_';

/** The user of a lease. */
export const userOf = (leaseId: string): string => `${LEASE_PREFIX}${leaseId}`;

/** The lease of a user; `undefined` for one that is none of ours. */
export const leaseIdOf = (user: string): string | undefined =>
  /^lease_([0-9a-hjkmnp-tv-z]{26})$/.exec(user)?.[1];

/** The users of leases in SQL, as a pattern of LIKE: 26 characters behind the beginning, whatever they are. */
export const LEASE_PATTERN = String.raw`'lease\\_${'_'.repeat(26)}'`;
