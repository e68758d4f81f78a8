import type { LeaserCapabilities } from '../../core/ports/leaser.ts';

/**
 * Keys of service accounts of a project, each with an account of its own and with an expiry that the provider keeps
 * (`expires_in_seconds`). The provider could move it, and counts from whenever it is asked: a repeat that comes late
 * would lengthen a key that nobody wants longer, and nothing there could refuse it. So a lease is not renewed, but
 * asked for anew.
 */
export const openaiLeaseCapabilities: LeaserCapabilities = {
  expiresAtTarget: true,
  renewable: false,
  revocable: true,
  listsOurs: true,
};
