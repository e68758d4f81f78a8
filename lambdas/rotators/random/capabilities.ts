import type { Capabilities } from '../../core/ports/rotator.ts';

/** A signing secret that sender and receiver hold. It has no target: it is valid as long as they accept it. */
export const randomCapabilities: Capabilities = {
  mintsAtTarget: false,
  // Its receivers drop it when they are told `disabled`, and the sender stops signing with it; neither is done by us at a target.
  reversibleDisable: false,
  evidence: 'none',
  settlingSeconds: 0,
  endsPredecessorAtInstall: false,
};
