import type { Capabilities } from '../../core/ports/rotator.ts';

/**
 * Keys of a project's service account: a new one is minted beside the old one.
 * A key has no state between working and deleted, so its disable is its revoke; the provider says when it was last used.
 */
export const openaiCapabilities: Capabilities = {
  mintsAtTarget: true,
  reversibleDisable: false,
  evidence: 'last-used',
  // The provider caches keys and scopes and gives no number; a new key is asked for this long before it counts as rejected.
  settlingSeconds: 30,
  endsPredecessorAtInstall: false,
};

/** Admin keys of an organization: each mints its own successor. */
export const openaiAuthorityCapabilities: Capabilities = {
  mintsAtTarget: true,
  reversibleDisable: false,
  evidence: 'last-used',
  settlingSeconds: 30,
  endsPredecessorAtInstall: false,
};
