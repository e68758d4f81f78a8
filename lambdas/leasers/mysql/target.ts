import { fit, flag, listOf, number, record, text } from '../../contracts/check.ts';
import { endpointCheck, type ServerEndpoint } from '../../contracts/targets/endpoint.ts';
import type { Leasable, LeaseAuthority } from '../../core/access/access-inventory.ts';

/** What the leaser needs of something that is leased as a user of MySQL. */
export interface LeaseTarget {
  readonly database: string;
  readonly roles: readonly string[];
  readonly connectionLimit: number;
  readonly from: string;
}

/** What it needs of the user that makes leases. */
export interface AuthorityTarget {
  readonly endpoint: ServerEndpoint;
  readonly user: string;
  readonly from: string;
  readonly roles: readonly string[];
  readonly exposesOthers: boolean;
}

const leaseTarget = record<LeaseTarget>({
  database: text,
  roles: listOf(text),
  connectionLimit: number,
  from: text,
});

const authorityTarget = record<AuthorityTarget>({
  endpoint: endpointCheck,
  user: text,
  from: text,
  roles: listOf(text),
  exposesOthers: flag,
});

/** What the inventory says of a lease. Checked by its kind's schema; this only gives it its type back. */
export const leaseTargetOf = ({ name, target }: Leasable): LeaseTarget =>
  fit(leaseTarget, target, 'INVENTORY_INVALID', `target of ${name}`);

/** What the inventory says of the authority. */
export const authorityTargetOf = ({ name, target }: LeaseAuthority): AuthorityTarget =>
  fit(authorityTarget, target, 'INVENTORY_INVALID', `target of ${name}`);
