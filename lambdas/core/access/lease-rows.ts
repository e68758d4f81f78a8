import type { Instant } from '../time.ts';
import type { Tier } from './access-inventory.ts';
import type { LeaseEnd } from './lease.ts';

/**
 * Where a lease is found again, as long as it is not over. Written and removed in the commits that make and end the
 * lease, never changed in between: a pointer that is there has revision 1. Row ids are `<tier>-<lease>`, so that pages
 * come in the order of danger.
 *
 * Family `lease-index`: by whom and what (partition: `holder:<caller key>`, `acting-for:<caller key>` or
 * `leasable:<name>`). Family `lease-due`: by the minute in which something has to be done about it (partition:
 * `2026-11-28T16:40`). A partition may hold any number: it is read by pages.
 */
export interface LeasePointer {
  readonly lease: string;
}

/**
 * A lease that has been told to end and that its target has not refused yet (family `lease-ending`). What lies here for
 * long is a debt: visible, and never given up.
 *
 * Partition: the target; row id `<tier>-<lease>`: the dangerous ones come first. What the target would not end, although
 * it answers, lies in the partition `again:<target>` by the time of its next attempt (`<not before>-<tier>-<lease>`):
 * there may be many of them for long, and they must not stand before the others.
 */
export interface LeaseEnding {
  readonly lease: string;
  readonly since: Instant;
  readonly attempts: number;
  /** Not tried before. */
  readonly notBefore: Instant;
  readonly lastError?: string;
}

/** What the sweeper knows of a target (family `lease-target`; partition: the target; row id `state`). */
export interface LeaseTarget {
  /** Who is at it: an id of its own for each time that somebody works there. Absent where nobody does. */
  readonly claim?: string;
  /** Whoever is at it works alone until then, so that a budget is one budget. */
  readonly busyUntil: Instant;
  /** Somebody came meanwhile: whoever is at it has it looked at again in the commit in which it lets go. */
  readonly isWanted?: true;
  /** Rounds in a row in which it did not answer. */
  readonly failures: number;
  readonly failingSince?: Instant;
  /** Nobody asks it before. */
  readonly notBefore: Instant;
  /** How far the comparison of what it has with the ledger has come: the leasable, and the target's own mark in it. */
  readonly compared?: { readonly leasable: string; readonly after?: string };
  readonly comparedAt?: Instant;
  /** How far the live leases of the ledger have been asked after: the leasable, and the last pointer. */
  readonly askedAfter?: { readonly leasable: string; readonly after?: string };
}

/** A leasable that has been leased at a target (family `lease-known`; partition `leasables`; row id `<leasable>@<target>`). */
export interface LeaseKnown {
  readonly leasable: string;
  readonly target: string;
  readonly kind: string;
  readonly tier: Tier;
}

/** The minute that nobody has to look before (family `lease-swept`; partition `all`; row id `minute`). */
export interface LeaseSwept {
  readonly minute: string;
  /** How far the last day is being looked through once more. */
  readonly again?: string;
}

/** Somebody waits to be let in. */
export interface LeaseTurn {
  /** When to come back. */
  readonly at: Instant;
  /** Its place in the minute is taken: only the number of live leases can refuse it then. */
  readonly isTurn: boolean;
}

/**
 * How much of a limit is used (family `lease-quota`; partition `holder:<share>` (`lease-pointers.ts`), row id: the leasable; partition
 * `leasable:<name>` or `target:<name>`, row id `use`). Changes in the commit that changes the lease, so that the two
 * cannot part.
 */
export interface LeaseQuota {
  /** Leases that are not over: what may still work at the target counts. */
  readonly live: number;
  /** When the next turn begins that nobody has taken. */
  readonly free?: Instant;
  /** Whoever has been told when to come back, by share: one turn each, however often they ask. */
  readonly waiting?: Readonly<Record<string, LeaseTurn>>;
  /** `<tier>@<target>` as it stands in `lease-known`. */
  readonly knownAs?: string;
}

/** A token that has been used (family `token`; partition: its id; row id `use`). */
export interface TokenUse {
  /** `lease <SHA-256 of the ask's canonical JSON, hex>`: the same ask may come again. `<ask> <id>` for all others. */
  readonly use: string;
  readonly at: Instant;
}

/** A request that was made (family `lease-ask`; partition: the share (`lease-pointers.ts`); row id: the request id): asked again, nothing is issued twice. */
export interface LeaseAsk {
  readonly lease?: string;
  readonly approval?: string;
  readonly at: Instant;
}

/**
 * An order to end leases that is not carried out to its end yet (family `lease-order`; partition `open`; row id: the
 * order). It means the leases that there were when it was given.
 */
export interface LeaseOrder {
  readonly why: Extract<LeaseEnd, 'revoked' | 'breach'>;
  readonly by: string;
  readonly reason: string;
  readonly at: Instant;
  /** Partitions of `lease-index` that are still to be gone through, the most dangerous first. */
  readonly partitions: readonly string[];
  /** Of the leases there, those alone that were made at this target. */
  readonly target?: string;
  /** How far the first of them has been gone through. */
  readonly after?: string;
  readonly ended: number;
}

/**
 * A lease that was taken by breaking the glass and that nobody has reviewed yet (family `lease-review`; partition
 * `open`; row id: the lease).
 */
export interface LeaseReview {
  readonly leasable: string;
  readonly holder: string;
  /** `callerKey` of the person that the holder acts for. */
  readonly actingFor?: string;
  readonly reason: string;
  readonly at: Instant;
  /** When on-call is paged the next time. */
  readonly pageAt: Instant;
}

/**
 * Where an approval is found that waits (family `approval-index`; partition `open` or `holder:<caller key>`; row id: the
 * approval), and one of the few places that requests of a share take (partition `place:<share>`; row id: `1` to `5`, to `20` of an agent for all).
 */
export interface ApprovalPointer {
  readonly leasable: string;
  readonly expiresAt: Instant;
  /** Of a place: the approval that has it, or had it last. */
  readonly approval?: string;
}
