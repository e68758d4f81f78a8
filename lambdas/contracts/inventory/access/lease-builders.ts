import type { LeasableKind } from '../../kinds.ts';
import type {
  KindWithAuthority,
  LeaseAuthorityDeclaration,
  LeaseAuthorityOptionsOf,
  LeaseDeclaration,
  LeaseOptionsOf,
} from './access-declarations.ts';

/** The builder of leases of a kind: its words are those of the kind's schema. */
export const leaseBuilder =
  <Kind extends LeasableKind>({ name }: Kind) =>
  (options: LeaseOptionsOf<Kind>): LeaseDeclaration => ({ kind: name, ...options });

/** The builder of a kind's lease authorities. */
export const leaseAuthorityBuilder =
  <Kind extends KindWithAuthority>({ name }: Kind) =>
  (options: LeaseAuthorityOptionsOf<Kind>): LeaseAuthorityDeclaration => ({ kind: name, ...options });
