import type { Lease, LeaseView } from './lease.ts';

/** What whoever may see a lease sees of it. */
export const viewOf = (lease: Lease): LeaseView => ({
  id: lease.id,
  leasable: lease.leasable,
  kind: lease.kind,
  phase: lease.phase,
  holder: lease.holder,
  ...(lease.actingFor === undefined ? {} : { actingFor: lease.actingFor }),
  purpose: lease.purpose,
  issuedAt: lease.issuedAt,
  expiresAt: lease.expiresAt,
  longestUntil: lease.longestUntil,
  renewals: lease.renewals,
  ...(lease.breakGlass === undefined ? {} : { breakGlass: lease.breakGlass }),
  ...(lease.end === undefined ? {} : { end: lease.end }),
  failedEnds: lease.failedEnds,
});
