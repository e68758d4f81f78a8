import type { LeaserCapabilities } from '../../core/ports/leaser.ts';

/**
 * Tokens that a service gives for the holder's own token. It decides how long each lives, and offers nobody who does not
 * show it a way to end it: so none is handed over that outlives its lease.
 */
export const federatedCapabilities: LeaserCapabilities = {
  expiresAtTarget: true,
  renewable: false,
  revocable: false,
  listsOurs: false,
  takesHolderToken: true,
  // The longest that any of the services gives by default: Microsoft Entra, up to 90 minutes.
  longestSeconds: 5400,
};
