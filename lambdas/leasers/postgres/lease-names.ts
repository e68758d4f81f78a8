/** How every role of a lease begins, whichever deployment made it. */
export const LEASE_PREFIX = 'lockstep_l_';

/** How the role begins that says of a lease that it has ended. */
export const GRAVE_PREFIX = 'lockstep_x_';

/** The role of a lease: 37 of PostgreSQL's 63 bytes. The mark of its deployment is how the id begins. */
export const roleOf = (leaseId: string): string => `${LEASE_PREFIX}${leaseId}`;

/** The role that remembers, for as long as an issue could still come, that a lease has ended. */
export const graveOf = (leaseId: string): string => `${GRAVE_PREFIX}${leaseId}`;

/** The first name behind all that begin so: the end of a range over an index. Prefixes are ASCII. */
export const endOfPrefix = (prefix: string): string =>
  prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
