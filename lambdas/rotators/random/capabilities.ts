import type { Capabilities } from '../../core/ports/rotator.ts';

/** A signing secret that sender and receiver hold. It has no target: it is valid as long as they accept it. */
export const randomCapabilities: Capabilities = {
  mintsAtTarget: false,
  // From `disabled` on the sender no longer signs with it; until the revoke it still can.
  reversibleDisable: true,
  evidence: 'none',
  settlingSeconds: 0,
  endsPredecessorAtInstall: false,
};
