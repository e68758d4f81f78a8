import type { LeaserCapabilities } from '../../core/ports/leaser.ts';

/**
 * An ACL user for each lease. Redis gives a user no end, so the timer and the sweeper are what ends a lease here. It keeps
 * users in memory: a server that restarts has forgotten every lease, unless somebody saved its ACL meanwhile.
 */
export const redisLeaseCapabilities: LeaserCapabilities = {
  expiresAtTarget: false,
  renewable: true,
  revocable: true,
  listsOurs: true,
};
