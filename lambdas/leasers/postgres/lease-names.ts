/** How every role of a lease begins. */
export const LEASE_PREFIX = 'lockstep_l_';

/** How the role begins that says of a lease that it has ended. */
export const GRAVE_PREFIX = 'lockstep_x_';

/** The role of a lease: 37 of PostgreSQL's 63 bytes. */
export const roleOf = (leaseId: string): string => `${LEASE_PREFIX}${leaseId}`;

/** The role that remembers, for as long as an issue could still come, that a lease has ended. */
export const graveOf = (leaseId: string): string => `${GRAVE_PREFIX}${leaseId}`;

/** The lease of a role; `undefined` for one that has our mark and no id. */
export const leaseIdOf = (role: string): string | undefined =>
  /^lockstep_l_([0-9a-hjkmnp-tv-z]{26})$/.exec(role)?.[1];

/** The first name that does not begin so: the end of a range over an index. `_` is followed by a backtick. */
export const endOfPrefix = (prefix: string): string => `${prefix.slice(0, -1)}\``;
