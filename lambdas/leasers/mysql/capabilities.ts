import type { LeaserCapabilities } from '../../core/ports/leaser.ts';

/**
 * A user for each lease. MySQL knows no moment at which a user ends: `PASSWORD EXPIRE` counts in days, and still lets its
 * user in to set another one. The timer and the sweeper are what ends a lease here.
 */
export const mysqlLeaseCapabilities: LeaserCapabilities = {
  expiresAtTarget: false,
  renewable: true,
  revocable: true,
  listsOurs: true,
};
