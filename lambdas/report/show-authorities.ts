import type { LeaseAuthority } from '../core/access/access-inventory.ts';
import { supplyAgeOf } from '../core/access/supply-age.ts';
import { secretName } from '../core/credential.ts';
import { describeError, isLockstepError } from '../core/errors.ts';
import type { VersionSummary } from '../core/ports/vault.ts';
import type { ReportPorts } from './report-ports.ts';

/** One lease authority as `status` shows it. */
export interface AuthorityStatus {
  readonly name: string;
  readonly kind: string;
  readonly owner: string;
  readonly supplyEverySeconds: number;
  /** Whether it has a value by which leases are made; absent where nobody can tell. */
  readonly supplied?: boolean;
  /** When that value was put. */
  readonly since?: string;
  readonly ageSeconds?: number;
  /** When a new one has to be supplied. */
  readonly dueAt?: string;
  /** Too old, or of an age that nobody can tell. */
  readonly overdue: boolean;
  /** Why nobody can tell. */
  readonly problem?: string;
}

/** How old the value of a lease authority is. What the vault does not tell is told as that, and keeps nothing else back. */
export async function authorityStatus(
  ports: Pick<ReportPorts, 'inventory' | 'vault' | 'clock'>,
  authority: LeaseAuthority,
): Promise<AuthorityStatus> {
  const { name, kind, owner, supplyEverySeconds } = authority;
  const declared = { name, kind, owner, supplyEverySeconds };
  const versions = await versionsOf(ports, name);
  if ('problem' in versions) return { ...declared, overdue: true, problem: versions.problem };
  const age = supplyAgeOf(authority, versions.found, ports.clock());
  switch (age.is) {
    case 'missing':
      return { ...declared, supplied: false, overdue: false };
    case 'unknown':
      return { ...declared, supplied: true, overdue: true, problem: 'the vault does not say since when' };
    case 'known': {
      const { since, ageSeconds, dueAt, isOverdue } = age;
      return { ...declared, supplied: true, since, ageSeconds, dueAt, overdue: isOverdue };
    }
  }
}

async function versionsOf(
  { inventory, vault }: Pick<ReportPorts, 'inventory' | 'vault'>,
  name: string,
): Promise<{ readonly found: readonly VersionSummary[] } | { readonly problem: string }> {
  try {
    return { found: await vault.listVersions(secretName(inventory.environment, name)) };
  } catch (error) {
    if (!isLockstepError(error)) throw error;
    const { code, message } = describeError(error);
    return { problem: `${code}: ${message}` };
  }
}
