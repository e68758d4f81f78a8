import type { LeaserCapabilities } from '../../core/ports/leaser.ts';

/**
 * Sessions of an IAM role. STS ends each at its time and offers no call that ends one sooner: what does (a denial in the
 * role's own policy) is a right over the role, which Lockstep does not ask for. So they are short instead.
 */
export const awsSessionCapabilities: LeaserCapabilities = {
  expiresAtTarget: true,
  renewable: false,
  revocable: false,
  listsOurs: false,
  // AssumeRole: DurationSeconds is 900 or more, and 3600 at most for whoever is a session itself, as a function is.
  shortestSeconds: 900,
  longestSeconds: 3600,
};
