import type { Capabilities } from '../../core/ports/rotator.ts';

/** Two login roles of one owner role: one works while the other is changed. */
export const postgresCapabilities: Capabilities = {
  mintsAtTarget: false,
  // NOLOGIN, undone by LOGIN; the verifier stays until the revoke.
  reversibleDisable: true,
  // `pg_stat_activity` shows the sessions of each slot.
  evidence: 'sessions',
  // A committed ALTER ROLE holds for the next login.
  settlingSeconds: 0,
  endsPredecessorAtInstall: false,
};

/** The login that changes the slots. It has one verifier, so its own change has a gap, which is measured. */
export const postgresAuthorityCapabilities: Capabilities = {
  mintsAtTarget: false,
  reversibleDisable: false,
  // Its sessions are the target function's own: they prove nothing about anybody else.
  evidence: 'none',
  settlingSeconds: 0,
  endsPredecessorAtInstall: true,
};
