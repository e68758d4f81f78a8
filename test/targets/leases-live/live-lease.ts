import { readFileSync, statSync } from 'node:fs';
import type { LeaseAuthority, Leasable } from '../../../lambdas/core/access/access-inventory.ts';
import type { LeaserRequest } from '../../../lambdas/core/ports/leaser.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import { leasableOf, leaseAuthorityOf, newLeaseId } from '../../leasers/a-leasable.ts';
import { MARK } from '../../fakes/marks.ts';

/** A variable that a live test was asked with. */
export function given(name: string): string {
  const value = process.env[name];
  if (value !== undefined && value !== '') return value;
  throw new TypeError(`this live test needs ${name}; its head says what for`);
}

/** A file that nobody but its owner may read, and what it holds: a secret is never in the environment itself. */
export function secretFile(variable: string): Secret {
  const path = given(variable);
  if ((statSync(path).mode & 0o077) !== 0)
    throw new TypeError(`the file that ${variable} names is readable by others: chmod 600`);
  return new Secret(readFileSync(path, 'utf8').trim());
}

type Target = Readonly<Record<string, unknown>>;

/** A lease of a service itself, under a name that says that it is a test's. */
export function liveLease(
  kind: string,
  target: Target,
  authority?: { readonly target: Target; readonly value: Secret },
): LeaserRequest {
  const leasable: Leasable = leasableOf(kind, target, {
    name: 'live-test',
    authority: 'live-test-authority',
  });
  const declared: LeaseAuthority = leaseAuthorityOf(kind, authority?.target ?? {});
  return {
    environment: 'live-test',
    mark: MARK,
    leasable,
    leaseId: newLeaseId(),
    fence: 1,
    ...(authority === undefined ? {} : { authority: { declared, value: authority.value } }),
  };
}

export const LIVE_HOLDER = { holder: 'workload:live-test', purpose: 'live-test' };
