/** How every user of a lease begins. */
export const LEASE_PREFIX = 'lockstep_l_';

/** A lease, as Redis knows it. The environment is in its names: a user has no room for a comment. */
export interface LeaseName {
  readonly leaseId: string;
  readonly environment: string;
}

/** The user of a lease. */
export const userOf = ({ leaseId, environment }: LeaseName): string =>
  `${LEASE_PREFIX}${leaseId}@${environment}`;

/** The lease of a user; `undefined` for one that has our mark and no id. */
export function leaseOf(user: string): LeaseName | undefined {
  const [, leaseId, environment] = /^lockstep_l_([0-9a-hjkmnp-tv-z]{26})@([^@\s]+)$/.exec(user) ?? [];
  return leaseId !== undefined && environment !== undefined ? { leaseId, environment } : undefined;
}

/** All keys in which the leaser remembers something: the only ones that the authority may touch. */
export const MEMORY_PATTERN = 'lockstep:lease:*';

/** The key in which a lease is remembered, while it lives and for as long after its end as an issue could still come. */
export const memoryKeyOf = ({ leaseId, environment }: LeaseName): string =>
  `lockstep:lease:${leaseId}@${environment}`;
