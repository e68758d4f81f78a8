import type { VersionSummary } from '../ports/vault.ts';
import { instant, reached, secondsAfter, secondsBetween, type Instant } from '../time.ts';
import type { LeaseAuthority } from './access-inventory.ts';

/** How old the value of a lease authority is. */
export type SupplyAge =
  /** Nobody has given it one yet: nothing is leased by it. */
  | { readonly is: 'missing' }
  /** It has one, and nobody says since when: never taken for a new one. */
  | { readonly is: 'unknown' }
  | {
      readonly is: 'known';
      readonly since: Instant;
      readonly ageSeconds: number;
      /** When somebody has to supply a new one. */
      readonly dueAt: Instant;
      readonly isOverdue: boolean;
    };

/**
 * How old the value is by which leases are made now, by when the vault made that version: neither a label that moves nor a
 * value that waits to be proved makes it younger. Pure.
 */
export function supplyAgeOf(
  { supplyEverySeconds }: Pick<LeaseAuthority, 'supplyEverySeconds'>,
  versions: readonly VersionSummary[],
  now: Date,
): SupplyAge {
  const current = versions.find(({ labels }) => labels.includes('AWSCURRENT'));
  if (!current) return { is: 'missing' };
  const { createdAt: since } = current;
  if (since === undefined) return { is: 'unknown' };
  const dueAt = secondsAfter(since, supplyEverySeconds);
  const ageSeconds = Math.max(0, secondsBetween(since, instant(now)));
  return { is: 'known', since, ageSeconds, dueAt, isOverdue: reached(dueAt, now) };
}
