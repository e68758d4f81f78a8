import type { LeaserCapabilities } from '../../core/ports/leaser.ts';

/**
 * A login role for each lease. `VALID UNTIL` is the server's own: from then on it lets nobody in by that password. It
 * asks at the login alone, so a session that is open by then stays open, until the timer or the sweeper ends it.
 */
export const postgresLeaseCapabilities: LeaserCapabilities = {
  expiresAtTarget: true,
  renewable: true,
  revocable: true,
  listsOurs: true,
};
