import { randomBytes } from 'node:crypto';
import { MARK } from '../fakes/marks.ts';
import type { LeaseAuthority, Leasable } from '../../lambdas/core/access/access-inventory.ts';

const LETTERS = '0123456789abcdefghjkmnpqrstvwxyz';

/** A lease id as the broker draws them: the mark, and 18 characters of Crockford's base 32, lower case. */
export const newLeaseId = (mark = MARK): string =>
  `${mark}${[...randomBytes(18)].map((byte) => LETTERS[byte % 32]).join('')}`;

/** Something of a kind that can be leased. */
export const leasableOf = (
  kind: string,
  target: Readonly<Record<string, unknown>>,
  more: Partial<Leasable> = {},
): Leasable => ({
  name: 'vector-store-reader',
  kind,
  owner: 'retrieval-team',
  tier: 1,
  ttl: { defaultSeconds: 900, maximumSeconds: 3600, longestSeconds: 28_800 },
  limits: { perPrincipal: 5, total: 100, perMinute: 60 },
  purposes: ['answer-questions'],
  egress: [],
  target,
  ...more,
});

/** An authority of a kind of lease. */
export const leaseAuthorityOf = (
  kind: string,
  target: Readonly<Record<string, unknown>>,
): LeaseAuthority => ({
  name: 'lease-admin',
  kind,
  owner: 'data-platform',
  adopters: [],
  supplyEverySeconds: 7_776_000,
  target,
});
