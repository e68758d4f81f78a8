/** How every user of a lease begins, whichever deployment made it. */
export const LEASE_PREFIX = 'lockstep_l_';

/** The user of a lease. The mark of its deployment is how the id begins. */
export const userOf = (leaseId: string): string => `${LEASE_PREFIX}${leaseId}`;

/** All keys in which the leaser remembers something: the only ones that the authority may touch. */
export const MEMORY_PATTERN = 'lockstep:lease:*';

/** The key in which a lease is remembered, while it lives and for as long after its end as an issue could still come. */
export const memoryKeyOf = (leaseId: string): string => `lockstep:lease:${leaseId}`;
