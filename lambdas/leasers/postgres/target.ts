import { fit, flag, listOf, number, optional, record, text } from '../../contracts/check.ts';
import { endpointCheck, type ServerEndpoint } from '../../contracts/targets/endpoint.ts';
import type { LeaseAuthority, Leasable } from '../../core/access/access-inventory.ts';

/** A role whose rights a lease gets, and how. */
interface Grant {
  readonly role: string;
  readonly inherit: boolean;
  readonly set: boolean;
}

/** What the leaser needs of something that is leased as a role of PostgreSQL. */
export interface LeaseTarget {
  readonly database: string;
  readonly grants: readonly Grant[];
  readonly actAs?: string;
  readonly ownerRole: string;
  readonly connectionLimit: number;
}

/** What it needs of the role that makes leases. */
export interface AuthorityTarget {
  readonly endpoint: ServerEndpoint;
  readonly role: string;
  readonly database: string;
  readonly roles: readonly string[];
}

const leaseTarget = record<LeaseTarget>({
  database: text,
  grants: listOf(record<Grant>({ role: text, inherit: flag, set: flag })),
  actAs: optional(text),
  ownerRole: text,
  connectionLimit: number,
});

const authorityTarget = record<AuthorityTarget>({
  endpoint: endpointCheck,
  role: text,
  database: text,
  roles: listOf(text),
});

/** What the inventory says of a lease. Checked by its kind's schema; this only gives it its type back. */
export const leaseTargetOf = ({ name, target }: Leasable): LeaseTarget =>
  fit(leaseTarget, target, 'INVENTORY_INVALID', `target of ${name}`);

/** What the inventory says of the authority. */
export const authorityTargetOf = ({ name, target }: LeaseAuthority): AuthorityTarget =>
  fit(authorityTarget, target, 'INVENTORY_INVALID', `target of ${name}`);
