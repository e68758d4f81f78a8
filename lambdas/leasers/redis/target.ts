import { fit, listOf, oneOf, record, text } from '../../contracts/check.ts';
import { endpointCheck, type ServerEndpoint } from '../../contracts/targets/endpoint.ts';
import type { Leasable, LeaseAuthority } from '../../core/access/access-inventory.ts';

/** Keys that a lease may use, and how. */
interface KeyAccess {
  readonly pattern: string;
  readonly access: 'read' | 'write' | 'read-write';
}

/** What the leaser needs of something that is leased as a user of Redis. */
export interface LeaseTarget {
  readonly keys: readonly KeyAccess[];
  readonly channels: readonly string[];
  readonly commands: readonly string[];
  readonly except: readonly string[];
}

/** What it needs of the user that makes leases. */
export interface AuthorityTarget {
  readonly endpoint: ServerEndpoint;
  readonly user: string;
}

const leaseTarget = record<LeaseTarget>({
  keys: listOf(record<KeyAccess>({ pattern: text, access: oneOf('read', 'write', 'read-write') })),
  channels: listOf(text),
  commands: listOf(text),
  except: listOf(text),
});

const authorityTarget = record<AuthorityTarget>({ endpoint: endpointCheck, user: text });

/** What the inventory says of a lease. Checked by its kind's schema; this only gives it its type back. */
export const leaseTargetOf = ({ name, target }: Leasable): LeaseTarget =>
  fit(leaseTarget, target, 'INVENTORY_INVALID', `target of ${name}`);

/** What the inventory says of the authority. */
export const authorityTargetOf = ({ name, target }: LeaseAuthority): AuthorityTarget =>
  fit(authorityTarget, target, 'INVENTORY_INVALID', `target of ${name}`);
