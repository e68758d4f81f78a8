import type { Leaser } from '../../core/ports/leaser.ts';
import type { PostgresPorts } from '../../postgres/ports.ts';
import { loginOfAuthority } from './as-authority.ts';
import { postgresLeaseCapabilities } from './capabilities.ts';
import { endRole } from './end-role.ts';
import { issueRole } from './issue-role.ts';
import { listRoles } from './list-roles.ts';
import { proveAuthority } from './prove-authority.ts';
import { isRoleRefused } from './prove-refused.ts';
import { renewRole } from './renew-role.ts';

/** What the leaser is given besides what every client of PostgreSQL is. */
export interface PostgresLeaserPorts extends PostgresPorts {
  /** Leases in one page of a list. */
  readonly pageSize?: number;
}

/**
 * A login role for each lease, `lockstep_l_<lease>`, on PostgreSQL 16 or newer. The server ends its password at its time
 * by itself (`VALID UNTIL`); sessions that are open by then are ended with the lease.
 */
export const postgresLeaser = (ports: PostgresLeaserPorts): Leaser => ({
  capabilities: postgresLeaseCapabilities,
  checkAuthority: (authority, value) => void loginOfAuthority(authority, value),
  proveAuthority: (authority, value) => proveAuthority(ports, authority, value),
  issue: (request, holder, times) => issueRole(ports, request, holder, times),
  renew: (request, expiresAt) => renewRole(ports, request, expiresAt),
  end: (request) => endRole(ports, request),
  isRefused: (request) => isRoleRefused(ports, request),
  listOurs: (request, after) => listRoles(ports, request, after, ports.pageSize),
});
