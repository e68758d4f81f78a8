import type { Leaser } from '../../core/ports/leaser.ts';
import { loginOfAuthority } from './as-authority.ts';
import { mysqlLeaseCapabilities } from './capabilities.ts';
import { endUser } from './end-user.ts';
import { issueUser, renewUser } from './issue-user.ts';
import { listUsers } from './list-users.ts';
import type { MysqlLeaserPorts } from './ports.ts';
import { proveAuthority } from './prove-authority.ts';
import { isUserRefused } from './prove-refused.ts';

/**
 * A user for each lease, `lease_<lease>`, on MySQL 8.0.21 or newer. MySQL knows no moment at which a user ends: a timer
 * and the sweeper end it, and nothing else does.
 */
export const mysqlLeaser = (ports: MysqlLeaserPorts): Leaser => ({
  capabilities: mysqlLeaseCapabilities,
  checkAuthority: (authority, value) => void loginOfAuthority(authority, value),
  proveAuthority: (authority, value) => proveAuthority(ports, authority, value),
  issue: (request, holder, times) => issueUser(ports, request, holder, times),
  renew: (request) => renewUser(ports, request),
  end: (request) => endUser(ports, request),
  isRefused: (request) => isUserRefused(ports, request),
  listOurs: (request, after) => listUsers(ports, request, after),
});
