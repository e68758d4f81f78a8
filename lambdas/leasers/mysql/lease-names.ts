/** How every user of a lease begins, whichever deployment made it: with the id that makes MySQL's 32 characters exactly. */
export const LEASE_PREFIX = 'lease_';

/** The user of a lease. The mark of its deployment is how the id begins. */
export const userOf = (leaseId: string): string => `${LEASE_PREFIX}${leaseId}`;

/** In a pattern of LIKE `_` is any character: here it is itself. */
const BEGINNING = String.raw`lease\\_`;

/** The users of leases in SQL, as a pattern of LIKE: 26 characters behind the beginning, whatever they are. */
export const LEASE_PATTERN = `'${BEGINNING}${'_'.repeat(26)}'`;

/** The users of one deployment's leases, as a pattern of LIKE. A mark has no character that means something there. */
export const ourPattern = (mark: string): string => `'${BEGINNING}${mark}%'`;
