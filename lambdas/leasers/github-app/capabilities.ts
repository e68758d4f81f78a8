import type { LeaserCapabilities } from '../../core/ports/leaser.ts';

/**
 * Installation tokens of a GitHub App. Each lives for an hour, whatever is asked. Only whoever shows a token can end it
 * (`DELETE /installation/token`), and Lockstep keeps none: so the holder can end one, and Lockstep cannot.
 */
export const githubAppCapabilities: LeaserCapabilities = {
  expiresAtTarget: true,
  renewable: false,
  revocable: false,
  listsOurs: false,
  shortestSeconds: 3600,
  longestSeconds: 3600,
};
